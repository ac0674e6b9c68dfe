// Signing in at the upstream: the way there and back, what is checked on it, and who keeps the secret.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { createLocalJWKSet, decodeJwt, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { createStandIn } from '../stand-in.js';
import { callbackOf, createUpstream, errorForApp, readUpstream, reasonOf } from '../upstream.js';
import {
  APP, authorizationRequest, authorize, Browser, get, push, redeem, REDIRECT_URI, signIn, startServer,
} from './support.js';

let server;
let standIn;
before(async () => {
  server = await startServer('--upstream', 'google', '--stand-in-port', '0');
  standIn = server.upstream.issuer;
});
after(() => server.stop());

function request(extra = {}) {
  return authorizationRequest(server, { upstream: 'google', ...extra });
}

/** Follows redirects over all origins, up to a page or the app. */
async function followOn(browser, url, options) {
  let page = await browser.follow(url, options);
  while (!page.text && page.at.origin !== APP) page = await browser.follow(page.at);
  return page;
}

/** From the app to the account chosen at the upstream, and on to the app; allows what is asked for on the way. */
async function continueWith(browser, url, person, { chosen = { person } } = {}) {
  let page = await followOn(browser, url);
  if (page.at.origin === standIn) page = await followOn(browser, page.at, { method: 'POST', form: chosen });
  if (page.text.includes('id="allow"')) {
    page = await followOn(browser, page.at, { method: 'POST', form: { action: 'allow' } });
  }
  return { ...page, callback: page.at.searchParams };
}

test('the person goes straight on to the upstream, and its page says that it is a stand-in', async () => {
  const browser = new Browser();
  const first = await browser.follow(request().url);
  assert.equal(first.text, '');
  assert.equal(first.at.origin + first.at.pathname, `${standIn}/o/oauth2/v2/auth`);
  const sent = first.at.searchParams;
  assert.equal(sent.get('scope'), 'openid profile email');
  assert.equal(sent.get('redirect_uri'), `${server.issuer}/upstream/google/callback`);
  assert.equal(sent.get('code_challenge_method'), 'S256');
  for (const name of ['state', 'nonce', 'code_challenge']) assert.ok(sent.get(name).length >= 43, name);

  const { at, text } = await browser.follow(first.at);
  assert.match(text, /id="stand-in">This is not Google\./);
  assert.match(text, /to continue to Pixy test provider/);
  const japanese = await (await browser.open(at, { headers: { 'Accept-Language': 'ja' } })).text();
  assert.match(japanese, /id="stand-in">これは Google ではありません。/);
});

test('whoever signs in there is somebody here, the same one each time', async () => {
  const subjects = [];
  for (const _ of [1, 2]) {
    const wanted = request();
    const { at, callback } = await continueWith(new Browser(), wanted.url, 'grace');
    assert.equal(at.origin + at.pathname, REDIRECT_URI);
    assert.equal(callback.get('iss'), server.issuer);
    const { body } = await redeem(server, wanted, callback.get('code'));
    const userinfo = await (await get(`${server.issuer}/me`, body.access_token)).json();
    const { sub, ...claims } = userinfo;
    assert.deepEqual(claims, {
      name: 'Grace Murray',
      given_name: 'Grace',
      family_name: 'Murray',
      picture: `${standIn}/pictures/grace.svg`,
      email: 'grace@harbour.example',
      email_verified: true,
    });
    assert.match(sub, /^google-[\w-]{22}$/);
    assert.equal(decodeJwt(body.id_token).iss, server.issuer);
    assert.equal((await get(`${server.resource}/profile`, body.access_token)).status, 200);
    subjects.push(sub);
  }
  assert.equal(subjects[0], subjects[1]);
});

test('a pushed request names the upstream as well', async () => {
  const pushed = await push(server, request());
  const { at } = await new Browser().follow(pushed.url);
  assert.equal(at.origin, standIn);
});

test('without the parameter people sign in here, and another upstream is refused', async () => {
  assert.ok((await signIn(server)).tokens.access_token);
  const { at } = await new Browser().follow(authorizationRequest(server, { upstream: 'facebook' }).url);
  assert.equal(at.searchParams.get('error'), 'invalid_request');
});

test('the parameter means nothing to a server without upstream', async () => {
  const usual = await startServer();
  try {
    const wanted = authorizationRequest(usual, { upstream: 'google' });
    const { text } = await new Browser().follow(wanted.url);
    assert.match(text, /name="password"/);
  } finally {
    await usual.stop();
  }
});

test('somebody who is signed in here is not taken for somebody from there', async () => {
  const { browser } = await signIn(server);
  const { at } = await browser.follow(request().url);
  assert.equal(at.origin, standIn);
});

test('somebody who signed in there before needs no page', async () => {
  const browser = new Browser();
  await continueWith(browser, request().url, 'kokoro');
  const { at, callback } = await authorize(browser, request({ prompt: 'none' }));
  assert.equal(at.origin, APP);
  assert.ok(callback.get('code'));
});

test('asked to sign in again, the person chooses again at the upstream', async () => {
  const browser = new Browser();
  await continueWith(browser, request().url, 'kokoro');
  const { at } = await browser.follow(request({ prompt: 'login', login_hint: 'kokoro@example.com' }).url);
  assert.equal(at.searchParams.get('prompt'), 'select_account');
  assert.equal(at.searchParams.get('login_hint'), 'kokoro@example.com');
  const { text } = await browser.follow(at);
  assert.match(text, /id="stand-in"/);
});

test('Cancel there is access_denied at the app', async () => {
  const wanted = request();
  const { at, callback } = await continueWith(new Browser(), wanted.url, '', { chosen: { action: 'cancel' } });
  assert.equal(at.origin, APP);
  assert.equal(callback.get('error'), 'access_denied');
  assert.equal(callback.get('state'), wanted.state);
  assert.equal(callback.get('code'), null);
});

/** A browser that has chosen its account; the answer of the upstream is not yet given in. */
async function answered(browser) {
  let { at } = await browser.follow(request().url);
  ({ at } = await browser.follow(at));
  return (await browser.follow(at, { method: 'POST', form: { person: 'grace' } })).at;
}

test('an answer with a state that was never sent leads nowhere', async () => {
  const browser = new Browser();
  const answer = await answered(browser);
  assert.equal(answer.pathname, '/upstream/google/callback');
  const right = answer.searchParams.get('state');
  for (const state of ['x'.repeat(43), '']) {
    answer.searchParams.set('state', state);
    const { response, text } = await browser.follow(answer);
    assert.equal(response.status, 400);
    assert.match(text, /interaction_expired/);
  }
  answer.searchParams.set('state', right);
  assert.match((await browser.follow(answer)).text, /id="allow"/);
});

test('an answer works in the browser that asked, and once', async () => {
  const browser = new Browser();
  const answer = await answered(browser);
  const stolen = await new Browser().follow(answer);
  assert.equal(stolen.response.status, 400);
  assert.match(stolen.text, /interaction_expired/);
  assert.match((await browser.follow(answer)).text, /id="allow"/);
  assert.equal((await browser.follow(answer)).response.status, 400);
});

test('the answer to one sign-in is not taken for another of the same browser', async () => {
  const browser = new Browser();
  const first = await answered(browser);
  const second = await answered(browser);
  const uid = (await browser.open(first)).headers.get('location');
  const other = (await browser.open(second)).headers.get('location');
  const mixed = new URL(uid.split('?')[0] + new URL(other, server.issuer).search, server.issuer);
  const { at, callback = at.searchParams } = await browser.follow(mixed);
  assert.equal(callback.get('error'), 'server_error');
  assert.equal(callback.get('code'), null);
});

test('the stand-in gives no token without the secret', async () => {
  for (const secret of [undefined, 'wrong']) {
    const form = {
      grant_type: 'authorization_code',
      client_id: 'stand-in.apps.googleusercontent.com',
      code: 'x',
      redirect_uri: server.upstream.redirect_uri,
      ...(secret ? { client_secret: secret } : {}),
    };
    const refused = await fetch(`${standIn}/token`, { method: 'POST', body: new URLSearchParams(form) });
    assert.equal(refused.status, 401);
    assert.equal((await refused.json()).error, 'invalid_client');
  }
});

test('only the provider sends the secret: none of the browser’s requests has it', async () => {
  const own = await startServer('--upstream', 'google', '--stand-in-port', '0');
  try {
    const browser = new Browser();
    let page = await browser.follow(authorizationRequest(own, { upstream: 'google' }).url);
    page = await browser.follow(page.at);
    await followOn(browser, page.at, { method: 'POST', form: { person: 'grace' } });
    const port = Number(new URL(own.upstream.issuer).port);
    const records = own.records();
    const withSecret = records.filter(({ body, query }) => [...body, ...query].includes('client_secret'));
    assert.deepEqual(withSecret.map((entry) => [entry.port, entry.path, entry.status]), [[port, '/token', 200]]);
    assert.equal(withSecret[0].origin, undefined);
    assert.equal(withSecret[0].cookie, false);
    assert.ok(records.some((entry) => entry.port === port && entry.path === '/v1/userinfo' && entry.authorization === 'Bearer'));
    assert.ok(!own.recordText().includes('stand-in-'));
  } finally {
    await own.stop();
  }
});

test('the stand-in answers as Google does', async () => {
  const metadata = await (await fetch(`${standIn}/.well-known/openid-configuration`)).json();
  assert.equal(metadata.issuer, standIn);
  assert.equal(metadata.authorization_endpoint, `${standIn}/o/oauth2/v2/auth`);
  assert.deepEqual(metadata.id_token_signing_alg_values_supported, ['RS256']);
  assert.ok(metadata.token_endpoint_auth_methods_supported.includes('client_secret_post'));
  assert.equal(metadata.end_session_endpoint, undefined);

  const refused = await fetch(`${standIn}/userinfo/v2/me`);
  assert.equal(refused.status, 401);
  assert.equal((await refused.json()).error.status, 'UNAUTHENTICATED');
});

test('its tokens say what Google’s say, and open the older userinfo as well', async () => {
  const standInServer = await startStandIn();
  try {
    const { issuer, clientId, clientSecret, redirectUri } = standInServer;
    const browser = new Browser();
    const query = new URLSearchParams({
      client_id: clientId, redirect_uri: redirectUri, response_type: 'code', scope: 'openid profile email', nonce: 'n',
    });
    const { at } = await browser.follow(`${issuer}/o/oauth2/v2/auth?${query}`);
    const { at: back } = await browser.follow(at, { method: 'POST', form: { person: 'grace' } });
    const answer = await fetch(`${issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code', code: back.searchParams.get('code'), redirect_uri: redirectUri,
        client_id: clientId, client_secret: clientSecret,
      }),
    });
    const tokens = await answer.json();
    const keys = createLocalJWKSet(await (await fetch(`${issuer}/oauth2/v3/certs`)).json());
    const { payload, protectedHeader } = await jwtVerify(tokens.id_token, keys, { issuer, audience: clientId });
    assert.equal(protectedHeader.alg, 'RS256');
    const person = {
      name: 'Grace Murray', given_name: 'Grace', family_name: 'Murray', picture: `${issuer}/pictures/grace.svg`,
      email: 'grace@harbour.example', hd: 'harbour.example',
    };
    const { sub } = payload;
    assert.match(sub, /^\d{21}$/);
    for (const [name, value] of Object.entries(person)) assert.equal(payload[name], value, name);
    const userinfo = await (await get(`${issuer}/v1/userinfo`, tokens.access_token)).json();
    assert.deepEqual(userinfo, { sub, ...person, email_verified: true });
    const me = await (await get(`${issuer}/userinfo/v2/me`, tokens.access_token)).json();
    assert.deepEqual(me, { id: sub, ...person, verified_email: true });
    assert.match(await (await fetch(me.picture)).text(), /^<svg /);
  } finally {
    standInServer.stop();
  }
});

async function startStandIn() {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const issuer = `http://localhost:${listener.address().port}`;
  const redirectUri = `${APP}/upstream/google/callback`;
  const made = await createStandIn({ name: 'google', label: 'Google', issuer, redirectUri, origins: [APP], record() {} });
  listener.on('request', made.handle);
  return { ...made, issuer, redirectUri, stop: () => listener.close() };
}

for (const variables of [{ GOOGLE_CLIENT_ID: 'a' }, { GOOGLE_CLIENT_SECRET: 'b' }]) {
  test(`half of what Google needs is a mistake: ${Object.keys(variables)}`, () => {
    assert.throws(() => readUpstream('google', variables), /both GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET/);
  });
}

test('with both it is Google itself', () => {
  const google = readUpstream('google', { GOOGLE_CLIENT_ID: 'a', GOOGLE_CLIENT_SECRET: 'b' });
  assert.equal(google.issuer, 'https://accounts.google.com');
  assert.equal(google.isStandIn, false);
  assert.equal(readUpstream(undefined, {}), undefined);
  assert.equal(callbackOf('http://localhost:9400', google), 'http://localhost:9400/upstream/google/callback');
});

// An upstream that lies as told.
async function startLiar() {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const key = { ...await exportJWK(publicKey), alg: 'RS256', kid: 'k' };
  const liar = { claims: {}, tokens: [] };
  const listener = createServer(async (request, response) => {
    const { issuer } = liar;
    const answers = {
      '/.well-known/openid-configuration': () => ({
        issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        userinfo_endpoint: `${issuer}/me`,
        id_token_signing_alg_values_supported: ['RS256'],
      }),
      '/jwks': () => ({ keys: [key] }),
      '/token': async () => ({ access_token: 't', token_type: 'Bearer', expires_in: 60, id_token: await idToken() }),
      '/me': () => ({ sub: 's', name: 'N', ...liar.userinfo }),
    };
    async function idToken() {
      let text = '';
      for await (const chunk of request) text += chunk;
      liar.tokens.push(Object.fromEntries(new URLSearchParams(text)));
      const now = Math.floor(Date.now() / 1000);
      const claims = { iss: issuer, aud: 'client', sub: 's', iat: now, exp: now + 60, nonce: liar.nonce, ...liar.claims };
      return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k' }).sign(privateKey);
    }
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(await answers[new URL(request.url, issuer).pathname]()));
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  liar.issuer = `http://localhost:${listener.address().port}`;
  liar.stop = () => listener.close();
  return liar;
}

const INTERACTION = { uid: 'u', params: {} };

function upstreamAt(liar) {
  return createUpstream({
    name: 'google',
    label: 'Google',
    issuer: liar.issuer,
    scope: 'openid',
    clientId: 'client',
    clientSecret: 'geheim',
    isStandIn: true,
    redirectUri: `${APP}/upstream/google/callback`,
  });
}

/** A whole sign-in at the liar. */
async function signInAt(liar, { uid = 'u', query = {}, ...lies } = {}) {
  Object.assign(liar, { claims: {}, userinfo: {} }, lies);
  const upstream = upstreamAt(liar);
  const sent = (await upstream.begin(INTERACTION)).searchParams;
  liar.nonce = sent.get('nonce');
  const given = { state: sent.get('state'), code: 'c', ...query };
  return upstream.finish(new URLSearchParams(given), uid);
}

test('the tokens of the upstream are checked: nonce, issuer, audience, expiry, subject', async () => {
  const liar = await startLiar();
  try {
    const { claims, issuer } = await signInAt(liar);
    assert.deepEqual([claims.sub, claims.name, issuer], ['s', 'N', liar.issuer]);
    assert.equal(liar.tokens[0].client_secret, 'geheim');
    assert.equal(liar.tokens[0].code_verifier.length, 43);
    const now = Math.floor(Date.now() / 1000);
    for (const [lie, message] of [
      [{ claims: { nonce: 'another' } }, /"nonce"/],
      [{ claims: { nonce: undefined } }, /"nonce"/],
      [{ claims: { iss: 'https://evil.example' } }, /JWT "iss"/],
      [{ claims: { aud: 'another' } }, /"aud"/],
      [{ claims: { exp: now - 120 } }, /"exp"/],
      [{ userinfo: { sub: 'another' } }, /"sub"/],
      [{ query: { iss: 'https://evil.example' } }, /"iss" \(issuer\) response parameter/],
      [{ query: { state: 'wrong' } }, /no sign-in that was begun here/],
      [{ uid: 'another' }, /no sign-in that was begun here/],
    ]) {
      await assert.rejects(signInAt(liar, lie), (error) => message.test(reasonOf(error)), JSON.stringify(lie));
    }
  } finally {
    liar.stop();
  }
});

test('an answer counts once', async () => {
  const liar = await startLiar();
  try {
    const upstream = upstreamAt(liar);
    const sent = (await upstream.begin(INTERACTION)).searchParams;
    liar.nonce = sent.get('nonce');
    const answer = new URLSearchParams({ state: sent.get('state'), code: 'c' });
    assert.equal((await upstream.finish(answer, 'u')).claims.sub, 's');
    await assert.rejects(upstream.finish(answer, 'u'), /no sign-in that was begun here/);
  } finally {
    liar.stop();
  }
});

test('an error of the upstream is told to the app without details', async () => {
  const liar = await startLiar();
  try {
    for (const [error, told] of [['access_denied', 'access_denied'], ['server_error', 'server_error'], ['invalid_scope', 'server_error']]) {
      await assert.rejects(signInAt(liar, { query: { code: '', error, error_description: 'secret reasons' } }), (thrown) => {
        const answer = errorForApp(thrown, 'Google');
        assert.equal(answer.error, told);
        assert.ok(!answer.error_description.includes('secret reasons'));
        return true;
      });
    }
  } finally {
    liar.stop();
  }
});

test('an upstream that is away is an error at the app', async () => {
  const liar = await startLiar();
  liar.stop();
  await assert.rejects(signInAt(liar), (error) => errorForApp(error, 'Google').error === 'server_error');
});

test('GitHub, which has no OpenID Connect, is asked the same way', async () => {
  const own = await startServer('--upstream', 'github', '--stand-in-port', '0');
  try {
    const wanted = authorizationRequest(own, { upstream: 'github' });
    const browser = new Browser();
    let page = await browser.follow(wanted.url);
    const { origin } = new URL(own.upstream.issuer);
    assert.equal(page.at.origin + page.at.pathname, `${origin}/login/oauth/authorize`);
    assert.equal(page.at.searchParams.get('scope'), 'read:user user:email');
    assert.equal(page.at.searchParams.get('nonce'), null);
    page = await browser.follow(page.at);
    assert.match(page.text, /id="stand-in">This is not GitHub\./);
    page = await browser.follow(page.at, { method: 'POST', form: { person: 'grace' } });
    // GitHub says nothing of itself beside the code.
    assert.deepEqual([...page.at.searchParams.keys()].sort(), ['code', 'state']);
    page = await followOn(browser, page.at);
    page = await followOn(browser, page.at, { method: 'POST', form: { action: 'allow' } });
    const { body } = await redeem(own, wanted, page.at.searchParams.get('code'));
    const { sub, ...claims } = await (await get(`${own.issuer}/me`, body.access_token)).json();
    assert.match(sub, /^github-[\w-]{22}$/);
    assert.deepEqual(claims, {
      name: 'grace',
      preferred_username: 'grace',
      picture: `${origin}/pictures/grace.svg`,
      email: 'grace@harbour.example',
      email_verified: true,
    });

    const form = { client_id: 'Ov23liStandIn', code: 'x', grant_type: 'authorization_code', redirect_uri: own.upstream.redirect_uri };
    const refused = await fetch(`${origin}/login/oauth/access_token`, { method: 'POST', body: new URLSearchParams(form) });
    assert.equal(refused.status, 200);
    assert.equal((await refused.json()).error, 'incorrect_client_credentials');
    assert.equal((await fetch(`${origin}/user`)).status, 401);

    let cancelled = await browser.follow(authorizationRequest(own, { upstream: 'github', prompt: 'login' }).url);
    cancelled = await browser.follow(cancelled.at);
    cancelled = await followOn(browser, cancelled.at, { method: 'POST', form: { action: 'cancel' } });
    assert.equal(cancelled.at.searchParams.get('error'), 'access_denied');
  } finally {
    await own.stop();
  }
});
