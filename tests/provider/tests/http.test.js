// The edges that browsers and other people's requests meet: CORS, challenges, methods, headers.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { APP, authorizationRequest, Browser, get, signIn, startServer } from './support.js';

const FOREIGN = 'http://localhost:8666';

let server;
before(async () => { server = await startServer('--client', 'other=http://localhost:8082/app/cb,http://localhost:8083/'); });
after(() => server.stop());

function preflight(url, origin, method = 'GET') {
  return fetch(url, {
    method: 'OPTIONS',
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': method,
      'Access-Control-Request-Headers': 'authorization,dpop,content-type',
    },
  });
}

test('the resource server answers the clients’ origins and no other', async () => {
  const { tokens } = await signIn(server);
  for (const origin of [APP, 'http://localhost:8082', 'http://localhost:8083']) {
    const allowed = await preflight(`${server.resource}/profile`, origin);
    assert.equal(allowed.status, 204);
    assert.equal(allowed.headers.get('access-control-allow-origin'), origin);
    assert.equal(allowed.headers.get('access-control-allow-headers'), 'Authorization, DPoP, Content-Type');
    assert.equal(allowed.headers.get('access-control-allow-credentials'), null);
  }
  const foreign = await preflight(`${server.resource}/profile`, FOREIGN);
  assert.equal(foreign.headers.get('access-control-allow-origin'), null);

  const answer = await get(`${server.resource}/profile`, tokens.access_token);
  assert.equal(answer.headers.get('access-control-allow-origin'), APP);
  assert.equal(answer.headers.get('access-control-expose-headers'), 'WWW-Authenticate, DPoP-Nonce');
  assert.match(answer.headers.get('vary'), /Origin/);
  const elsewhere = await get(`${server.resource}/profile`, tokens.access_token, { headers: { Origin: FOREIGN } });
  assert.equal(elsewhere.headers.get('access-control-allow-origin'), null);
});

test('the authorization server answers the clients’ origins and no other', async () => {
  for (const path of ['/token', '/me', '/token/revocation', '/request']) {
    const allowed = await preflight(server.issuer + path, APP, 'POST');
    assert.equal(allowed.headers.get('access-control-allow-origin'), APP, path);
    const foreign = await preflight(server.issuer + path, FOREIGN, 'POST');
    assert.equal(foreign.headers.get('access-control-allow-origin'), null, path);
  }
  const { tokens } = await signIn(server);
  const userinfo = await get(`${server.issuer}/me`, tokens.access_token);
  assert.equal(userinfo.headers.get('access-control-allow-origin'), APP);
  assert.match(userinfo.headers.get('access-control-expose-headers'), /WWW-Authenticate/);
  const foreign = await get(`${server.issuer}/me`, tokens.access_token, { headers: { Origin: FOREIGN } });
  assert.equal(foreign.status, 400);
  assert.equal(foreign.headers.get('access-control-allow-origin'), null);
  // The origin of one client is no origin of another.
  const other = await get(`${server.issuer}/me`, tokens.access_token, { headers: { Origin: 'http://localhost:8082' } });
  assert.equal(other.status, 400);
});

test('where DPoP proofs go, CORS lets them in and the nonces out', async () => {
  for (const path of ['/token', '/me', '/request']) {
    const url = server.issuer + path;
    const allowed = await preflight(url, APP, 'POST');
    assert.match(allowed.headers.get('access-control-allow-headers'), /\bdpop\b/i, path);
    const answer = await fetch(url, { method: 'POST', headers: { Origin: APP } });
    const exposed = answer.headers.get('access-control-expose-headers');
    assert.match(exposed, /DPoP-Nonce/, path);
    assert.match(exposed, /WWW-Authenticate/, path);
  }
});

test('discovery and keys may be read from anywhere', async () => {
  for (const path of ['/.well-known/openid-configuration', '/jwks']) {
    const response = await get(server.issuer + path, undefined, { headers: { Origin: FOREIGN } });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('access-control-allow-origin'), FOREIGN);
  }
});

test('the public keys hold no private part', async () => {
  const { keys } = await (await fetch(`${server.issuer}/jwks`)).json();
  assert.deepEqual(keys.map((key) => key.alg).sort(), ['ES256', 'RS256']);
  assert.ok(keys.every((key) => !('d' in key)));
});

test('without a token the challenge names both schemes and no error', async () => {
  const response = await get(`${server.resource}/profile`);
  assert.equal(response.status, 401);
  const challenge = response.headers.get('www-authenticate');
  assert.match(challenge, /^Bearer realm="[^"]+", DPoP realm="[^"]+", algs="ES256 [^"]+"$/);
  assert.doesNotMatch(challenge, /error/);
});

test('an unknown scheme counts as no token, a bad token as invalid, a broken header as bad request', async () => {
  const url = `${server.resource}/profile`;
  const basic = await get(url, 'YTpi', { scheme: 'Basic' });
  assert.equal(basic.status, 401);
  assert.doesNotMatch(basic.headers.get('www-authenticate'), /error/);

  const invalid = await get(url, 'unknown');
  assert.equal(invalid.status, 401);
  assert.match(invalid.headers.get('www-authenticate'), /^Bearer realm="[^"]+", error="invalid_token", error_description="[^"]+"$/);

  for (const broken of ['Bearer', 'Bearer a b', 'Bearer "x"']) {
    const response = await get(url, undefined, { headers: { Authorization: broken } });
    assert.equal(response.status, 400, broken);
    assert.match(response.headers.get('www-authenticate'), /error="invalid_request"/);
  }
});

test('a token in the query is not taken', async () => {
  const { tokens } = await signIn(server);
  const url = `${server.resource}/profile?access_token=${tokens.access_token}`;
  assert.equal((await get(url)).status, 401);
  assert.equal((await get(url, tokens.access_token)).status, 400);
});

test('two Authorization headers are a bad request', async () => {
  const status = await new Promise((resolve, reject) => {
    const { port } = new URL(server.resource);
    const headers = ['Host', `localhost:${port}`, 'Authorization', 'Bearer a', 'Authorization', 'Bearer b'];
    http.get({ host: '127.0.0.1', port, path: '/profile', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
  assert.equal(status, 400);
});

test('other paths and methods get JSON that says so', async () => {
  const missing = await get(`${server.resource}/nothing`);
  assert.equal(missing.status, 404);
  assert.equal((await missing.json()).error, 'not_found');
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'HEAD']) {
    const response = await fetch(`${server.resource}/profile`, { method, headers: { Origin: APP } });
    assert.equal(response.status, 405, method);
    assert.equal(response.headers.get('allow'), 'GET, OPTIONS');
    assert.equal(response.headers.get('content-type'), 'application/json');
  }
  assert.equal((await get(`${server.resource}/_record`)).status, 404);
  assert.equal((await get(`${server.issuer}/_record`)).status, 404);
});

test('odd request targets end in a refusal, not in a crash', async () => {
  for (const target of ['//', '//profile', '/profile/..//', 'http://other/profile', '/%zz', '*', '/interaction/%zz', '/pictures/__proto__']) {
    for (const origin of [server.issuer, server.resource]) {
      const { port } = new URL(origin);
      const status = await new Promise((resolve, reject) => {
        http.get({ host: '127.0.0.1', port, path: target }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).on('error', reject);
      });
      assert.ok(status >= 400 && status < 500, `${target} at ${origin}: ${status}`);
    }
  }
});

test('the pages are strict, and speak the language that is asked for', async () => {
  for (const [extra, language, word] of [
    [{}, undefined, 'Sign in'],
    [{}, 'ja,en;q=0.5', 'サインイン'],
    [{ ui_locales: 'en' }, 'ja', 'Sign in'],
    [{ ui_locales: 'fr ja-JP en' }, undefined, 'サインイン'],
  ]) {
    const browser = new Browser();
    const started = await browser.open(authorizationRequest(server, extra).url);
    const url = new URL(started.headers.get('location'), server.issuer);
    const page = await browser.open(url, { headers: language ? { 'Accept-Language': language } : {} });
    const policy = page.headers.get('content-security-policy');
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.ok(policy.includes(`form-action 'self' ${APP};`), policy);
    assert.equal(page.headers.get('cache-control'), 'no-store');
    assert.ok((await page.text()).includes(`<h1>${word}</h1>`), word);
  }
});

test('cookies stay on this host, out of reach of scripts', async () => {
  const response = await fetch(authorizationRequest(server).url, { redirect: 'manual' });
  const cookies = response.headers.getSetCookie();
  assert.ok(cookies.length);
  for (const cookie of cookies) {
    assert.match(cookie, /httponly/i);
    assert.match(cookie, /samesite=lax/i);
    assert.doesNotMatch(cookie, /; secure/i);
  }
});

test('with --coop pages cut themselves off from the window that opened theirs', async () => {
  const coop = (server) => fetch(`${server.issuer}/auth`).then(({ headers }) => headers.get('cross-origin-opener-policy'));
  assert.equal(await coop(server), null);
  const careful = await startServer('--coop');
  try {
    assert.equal(await coop(careful), 'same-origin');
  } finally {
    await careful.stop();
  }
});
