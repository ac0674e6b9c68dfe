// What the tests share: a running server, and a person with a browser reduced to cookies and forms.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';

export const SERVER = fileURLToPath(new URL('../server.js', import.meta.url));
export const APP = 'http://localhost:8080';
export const REDIRECT_URI = `${APP}/callback.html`;
export const CLIENT_ID = 'pixy-demo';
const ONE_TIME_CODE = '123456';

/** Starts both servers on free ports; `stop` ends them the way a starter does, by closing stdin. */
export async function startServer(...args) {
  const folder = mkdtempSync(path.join(tmpdir(), 'provider-'));
  const record = path.join(folder, 'record.jsonl');
  const child = spawn(process.execPath, [
    SERVER, '--port', '0', '--resource-port', '0', '--record', record,
    '--client', `${CLIENT_ID}=${REDIRECT_URI}`, ...args,
  ], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const [line] = await once(lines, 'line');
  return {
    ...JSON.parse(line),
    child,
    records: () => readFileSync(record, 'utf8').trim().split('\n').map((text) => JSON.parse(text)),
    recordText: () => readFileSync(record, 'utf8'),
    async stop() {
      if (child.exitCode === null) {
        const ended = once(child, 'exit');
        child.stdin.end();
        await ended;
      }
      rmSync(folder, { recursive: true });
    },
  };
}

/** A browser as far as the provider can tell: it keeps cookies and never follows by itself. */
export class Browser {
  #cookies = new Map();

  async open(url, { method = 'GET', form, headers = {} } = {}) {
    const { pathname } = new URL(url);
    const response = await fetch(url, {
      method,
      headers: { Cookie: this.#cookieHeader(pathname), Accept: 'text/html', ...headers },
      body: form && new URLSearchParams(form),
      redirect: 'manual',
    });
    response.headers.getSetCookie().forEach((cookie) => this.#keep(cookie));
    return response;
  }

  /** Follows redirects as long as they stay at the origin of `url`. */
  async follow(url, options) {
    let response = await this.open(url, options);
    let at = new URL(url);
    while (response.status === 303) {
      const next = new URL(response.headers.get('location'), at);
      if (next.origin !== at.origin) return { response, at: next, text: '' };
      at = next;
      response = await this.open(at);
    }
    return { response, at, text: await response.text() };
  }

  #keep(cookie) {
    const [pair, ...attributes] = cookie.split('; ');
    const [name, value] = pair.split('=');
    const find = (key) => attributes.find((text) => text.startsWith(key))?.slice(key.length);
    const place = `${name} ${find('path=') ?? '/'}`;
    if (Date.parse(find('expires=') ?? '') < Date.now()) this.#cookies.delete(place);
    else this.#cookies.set(place, `${name}=${value}`);
  }

  #cookieHeader(pathname) {
    return [...this.#cookies]
      .filter(([place]) => pathname.startsWith(place.split(' ')[1]))
      .map(([, pair]) => pair)
      .join('; ');
  }
}

/** An authorization request with its secrets. `extra` overrides; undefined leaves a parameter out. */
export function authorizationRequest(server, extra = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const given = {
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: 'openid profile email',
    state,
    nonce: randomBytes(16).toString('base64url'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...extra,
  };
  const parameters = JSON.parse(JSON.stringify(given));
  const query = new URLSearchParams(parameters);
  return { verifier, state, parameters, url: `${server.issuer}/auth?${query}` };
}

/** Signs in where asked, with a code where asked, and allows what is asked; ends at the app with the callback's parameters. */
export async function authorize(browser, request, account) {
  let page = await browser.follow(request.url);
  if (page.text.includes('name="password"')) {
    const { login, password } = account;
    page = await browser.follow(page.at, { method: 'POST', form: { action: 'sign-in', login, password } });
  }
  if (page.text.includes('name="code"')) {
    const form = { action: 'confirm', code: ONE_TIME_CODE };
    page = await browser.follow(page.at, { method: 'POST', form });
  }
  const asked = [...page.text.matchAll(/data-scope="(\w+)"/g)].map(([, scope]) => scope);
  if (page.text.includes('id="allow"')) {
    page = await browser.follow(page.at, { method: 'POST', form: { action: 'allow' } });
  }
  return { at: page.at, status: page.response.status, text: page.text, asked, callback: page.at.searchParams };
}

/** Pushes a request (RFC 9126) and returns the answer and the address to go on at. */
export async function push(server, request, headers = {}) {
  const response = await fetch(`${server.issuer}/request`, {
    method: 'POST',
    headers: { Origin: APP, ...headers },
    body: new URLSearchParams(request.parameters),
  });
  const body = await response.json();
  const query = new URLSearchParams({ client_id: request.parameters.client_id, request_uri: body.request_uri });
  return { status: response.status, headers: response.headers, body, url: `${server.issuer}/auth?${query}` };
}

/** POST to the token endpoint, as the app's page does it. */
export async function postToken(server, form, headers = {}) {
  const response = await fetch(`${server.issuer}/token`, {
    method: 'POST',
    headers: { Origin: APP, ...headers },
    body: new URLSearchParams({ client_id: CLIENT_ID, ...form }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

export function redeem(server, request, code, headers) {
  return postToken(server, {
    grant_type: 'authorization_code',
    code,
    code_verifier: request.verifier,
    redirect_uri: REDIRECT_URI,
  }, headers);
}

/** The whole way from a click to tokens. */
export async function signIn(server, { browser = new Browser(), account = server.accounts[0], ...extra } = {}) {
  const request = authorizationRequest(server, extra);
  const { callback, asked } = await authorize(browser, request, account);
  const { body } = await redeem(server, request, callback.get('code'));
  return { browser, asked, callback, tokens: body };
}

export function get(url, token, { scheme = 'Bearer', headers = {} } = {}) {
  const authorization = token ? { Authorization: `${scheme} ${token}` } : {};
  return fetch(url, { headers: { Origin: APP, ...authorization, ...headers } });
}

/** A DPoP key that signs proofs; `claims` and `header` replace what a good proof has. */
export async function createProver(alg = 'ES256') {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return {
    jwk,
    privateJwk: await exportJWK(privateKey),
    thumbprint: await calculateJwkThumbprint(jwk),
    prove({ method, url, token, claims = {}, header = {} }) {
      const payload = {
        jti: randomBytes(16).toString('base64url'),
        htm: method,
        htu: url,
        iat: Math.floor(Date.now() / 1000),
        ...(token ? { ath: createHash('sha256').update(token).digest('base64url') } : {}),
        ...claims,
      };
      return new SignJWT(JSON.parse(JSON.stringify(payload)))
        .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk, ...header })
        .sign(privateKey);
    },
  };
}

/** Asks `url` with a DPoP-bound token and a proof. */
export async function getWithProof(prover, url, token, proof = {}) {
  const header = await prover.prove({ method: 'GET', url, token, ...proof });
  return get(url, token, { scheme: 'DPoP', headers: { DPoP: header } });
}
