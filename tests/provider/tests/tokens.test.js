// What becomes of tokens: refresh, replay, revocation, expiry, logout, resource indicators.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { decodeJwt } from 'jose';
import {
  APP, authorizationRequest, authorize, Browser, CLIENT_ID, createProver, get, postToken, redeem, REDIRECT_URI, signIn, startServer,
} from './support.js';

const OFFLINE = { scope: 'openid profile offline_access', prompt: 'consent' };

let server;
before(async () => { server = await startServer(); });
after(() => server.stop());

const refresh = (token) => postToken(server, { grant_type: 'refresh_token', refresh_token: token });

test('refresh tokens rotate, and a replayed one ends the family', async () => {
  const { tokens } = await signIn(server, OFFLINE);
  const second = await refresh(tokens.refresh_token);
  assert.equal(second.status, 200);
  assert.notEqual(second.body.refresh_token, tokens.refresh_token);
  assert.equal((await get(`${server.resource}/profile`, second.body.access_token)).status, 200);

  const replay = await refresh(tokens.refresh_token);
  assert.equal(replay.status, 400);
  assert.equal(replay.body.error, 'invalid_grant');
  assert.equal((await refresh(second.body.refresh_token)).body.error, 'invalid_grant');
  assert.equal((await get(`${server.resource}/profile`, second.body.access_token)).status, 401);
});

test('with --refresh-tokens there is one without offline_access, until the person signs out', async () => {
  const generous = await startServer('--refresh-tokens');
  try {
    const { browser, tokens } = await signIn(generous);
    const renew = (token) => postToken(generous, { grant_type: 'refresh_token', refresh_token: token });
    const { status, body } = await renew(tokens.refresh_token);
    assert.equal(status, 200);
    assert.equal((await get(`${generous.resource}/profile`, body.access_token)).status, 200);
    await signOut(generous, browser, { id_token_hint: tokens.id_token });
    assert.equal((await renew(body.refresh_token)).body.error, 'invalid_grant');
  } finally {
    await generous.stop();
  }
});

test('a refresh token of a DPoP client works with its key only', async () => {
  const [key, other] = await Promise.all([createProver(), createProver()]);
  const prove = async (prover) => ({ DPoP: await prover.prove({ method: 'POST', url: `${server.issuer}/token` }) });
  const request = authorizationRequest(server, OFFLINE);
  const { callback } = await authorize(new Browser(), request, server.accounts[0]);
  const { body } = await redeem(server, request, callback.get('code'), await prove(key));
  const form = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
  assert.equal((await postToken(server, form)).body.error, 'invalid_grant');
  assert.equal((await postToken(server, form, await prove(other))).body.error, 'invalid_grant');
  assert.equal((await postToken(server, form, await prove(key))).body.token_type, 'DPoP');
});

test('revoking the refresh token ends its access tokens but not the consent', async () => {
  const { browser, tokens } = await signIn(server, OFFLINE);
  assert.equal((await revoke(tokens.refresh_token)).status, 200);
  assert.equal((await refresh(tokens.refresh_token)).body.error, 'invalid_grant');
  assert.equal((await get(`${server.issuer}/me`, tokens.access_token)).status, 401);
  const { callback } = await authorize(browser, authorizationRequest(server, { scope: 'openid profile', prompt: 'none' }));
  assert.ok(callback.get('code'));
});

test('revoking an access token ends it, and an unknown token is no error', async () => {
  const { tokens } = await signIn(server);
  const revoked = await revoke(tokens.access_token);
  assert.equal(revoked.status, 200);
  assert.equal(revoked.headers.get('access-control-allow-origin'), APP);
  assert.equal((await get(`${server.resource}/profile`, tokens.access_token)).status, 401);
  assert.equal((await get(`${server.issuer}/me`, tokens.access_token)).status, 401);
  assert.equal((await revoke('unknown')).status, 200);
});

function revoke(token) {
  return fetch(`${server.issuer}/token/revocation`, {
    method: 'POST',
    headers: { Origin: APP },
    body: new URLSearchParams({ token, client_id: CLIENT_ID }),
  });
}

/** Asks the provider to sign out, and confirms it there with `form`. */
async function signOut(at, browser, parameters, { method = 'GET', form = { logout: 'yes' } } = {}) {
  const url = `${at.issuer}/session/end`;
  const page = method === 'POST'
    ? await browser.follow(url, { method, form: parameters })
    : await browser.follow(`${url}?${new URLSearchParams(parameters)}`);
  const [, xsrf] = /name="xsrf" value="([^"]+)"/.exec(page.text);
  const done = await browser.follow(`${url}/confirm`, { method: 'POST', form: { xsrf, ...form } });
  return { page, done };
}

for (const method of ['GET', 'POST']) {
  for (const [extra, end] of [[{ state: 'back' }, '?state=back'], [{}, '']]) {
    const what = extra.state ? 'with' : 'without';
    test(`signing out at the provider by ${method} ${what} state ends the session and returns to the app`, async () => {
      const { browser, tokens } = await signIn(server);
      const hint = { id_token_hint: tokens.id_token, post_logout_redirect_uri: `${APP}/`, ...extra };
      const { page, done } = await signOut(server, browser, hint, { method });
      assert.match(page.text, /id="sign-out"/);
      const policy = page.response.headers.get('content-security-policy');
      assert.match(policy, /default-src 'none'/);
      assert.ok(policy.includes(`form-action 'self' ${APP};`), policy);
      assert.equal(done.at.href, `${APP}/${end}`);
      assert.equal((await get(`${server.issuer}/me`, tokens.access_token)).status, 401);

      const { callback } = await authorize(browser, authorizationRequest(server, { prompt: 'none' }));
      assert.equal(callback.get('error'), 'login_required');
    });
  }
}

test('who stays signed in at the provider signs in again without a password', async () => {
  const { browser, tokens } = await signIn(server);
  const hint = { id_token_hint: tokens.id_token, post_logout_redirect_uri: `${APP}/` };
  const { done } = await signOut(server, browser, hint, { form: {} });
  assert.equal(done.at.href, `${APP}/`);
  const { text } = await browser.follow(authorizationRequest(server).url);
  assert.match(text, /id="allow"/);
});

test('without a page to return to, the provider says that the session has ended, in the language of the person', async () => {
  const { browser, tokens } = await signIn(server);
  const { page, done } = await signOut(server, browser, { id_token_hint: tokens.id_token, ui_locales: 'ja' });
  assert.match(page.text, /<h1>サインアウトしますか<\/h1>/);
  assert.equal(done.at.origin, server.issuer);
  assert.match(done.text, /<h1>Signed out<\/h1>/);
});

test('the client id stands in for the hint, and --post-logout adds pages to return to', async () => {
  const page = `${APP}/goodbye.html`;
  const other = await startServer('--post-logout', `${CLIENT_ID}=${page}`);
  try {
    const { browser } = await signIn(other);
    const { done } = await signOut(other, browser, { client_id: CLIENT_ID, post_logout_redirect_uri: page });
    assert.equal(done.at.href, page);
  } finally {
    await other.stop();
  }
});

test('a page that is not registered is not returned to after signing out', async () => {
  const { browser, tokens } = await signIn(server);
  const query = new URLSearchParams({ id_token_hint: tokens.id_token, post_logout_redirect_uri: 'https://example.com/' });
  const { response, text } = await browser.follow(`${server.issuer}/session/end?${query}`);
  assert.equal(response.status, 400);
  assert.match(text, /invalid_request/);
});

test('with a resource indicator the access token is a JWT for that resource only', async () => {
  const request = authorizationRequest(server, { scope: 'openid profile mail', resource: server.resource });
  const { callback, asked, text } = await authorize(new Browser(), request, server.accounts[0]);
  assert.deepEqual(asked, ['openid', 'profile', 'mail'], text);
  const { body } = await postToken(server, {
    grant_type: 'authorization_code',
    code: callback.get('code'),
    code_verifier: request.verifier,
    redirect_uri: REDIRECT_URI,
    resource: server.resource,
  });
  const [header, payload] = body.access_token.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
  assert.equal(header.typ, 'at+jwt');
  assert.equal(payload.aud, server.resource);
  assert.equal(payload.scope, 'profile mail');
  assert.equal((await get(`${server.resource}/mail`, body.access_token)).status, 200);
  assert.equal((await get(`${server.issuer}/me`, body.access_token)).status, 401);
});

test('each path is a resource too, and its token opens nothing else', async () => {
  const mail = `${server.resource}/mail`;
  const profile = `${server.resource}/profile`;
  const { tokens, refused } = await signInFor([mail, profile], mail);
  assert.equal(refused.body.error, 'invalid_target');
  assert.equal(decodeJwt(tokens.access_token).aud, mail);
  assert.equal(decodeJwt(tokens.access_token).scope, 'mail');
  assert.equal((await get(mail, tokens.access_token)).status, 200);
  const elsewhere = await get(profile, tokens.access_token);
  assert.equal(elsewhere.status, 401);
  assert.match(elsewhere.headers.get('www-authenticate'), /^Bearer .*error="invalid_token"/);

  const other = await postToken(server, {
    grant_type: 'refresh_token', refresh_token: tokens.refresh_token, resource: profile,
  });
  assert.equal(other.status, 200, JSON.stringify(other.body));
  assert.equal((await get(profile, other.body.access_token)).status, 200);
  assert.equal((await get(mail, other.body.access_token)).status, 401);
});

/** Signs in for some resources and redeems the code for one; before, asks in vain for one not named. */
async function signInFor(resources, resource) {
  const request = authorizationRequest(server, { scope: 'openid profile mail offline_access', prompt: 'consent' });
  const query = resources.map((uri) => `&resource=${encodeURIComponent(uri)}`).join('');
  const browser = new Browser();
  const start = async () => authorize(browser, { url: request.url + query }, server.accounts[0]);
  const redeemFor = ({ callback }, target) => postToken(server, {
    grant_type: 'authorization_code',
    code: callback.get('code'),
    code_verifier: request.verifier,
    redirect_uri: REDIRECT_URI,
    resource: target,
  });
  const refused = await redeemFor(await start(), server.resource);
  const { body } = await redeemFor(await start(), resource);
  return { tokens: body, refused };
}

test('a JWT that was changed, or is an ID token, opens nothing', async () => {
  const { tokens } = await signIn(server);
  const [header, payload, signature] = tokens.id_token.split('.');
  const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
  for (const token of [tokens.id_token, `${none}.${payload}.`, `${header}.${payload}.${signature.slice(4)}`]) {
    assert.notEqual((await get(`${server.resource}/profile`, token)).status, 200);
  }
});

test('a foreign resource is refused', async () => {
  for (const resource of ['https://example.com/', `${server.resource}/nothing`, `${server.resource}/mail?a`]) {
    const { callback } = await authorize(new Browser(), authorizationRequest(server, { resource }), server.accounts[0]);
    assert.equal(callback.get('error'), 'invalid_target', resource);
  }
});

test('an access token ends when its lifetime says so', async () => {
  const short = await startServer('--token-lifetime', '1');
  try {
    const { tokens } = await signIn(short);
    assert.equal(tokens.expires_in, 1);
    const deadline = Date.now() + 5000;
    let response;
    do {
      response = await get(`${short.resource}/profile`, tokens.access_token);
    } while (response.status === 200 && Date.now() < deadline);
    assert.equal(response.status, 401);
    assert.match(response.headers.get('www-authenticate'), /error="invalid_token"/);
  } finally {
    await short.stop();
  }
});
