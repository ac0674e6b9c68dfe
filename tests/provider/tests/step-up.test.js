// Stronger and fresher sign-ins: acr_values, max_age and auth_time (OIDC Core), and the challenge
// of a resource that wants them (RFC 9470).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import {
  authorizationRequest, authorize, Browser, createProver, get, getWithProof, postToken, redeem, REDIRECT_URI, signIn, startServer,
} from './support.js';

const TWO_FACTOR = 'urn:pixy:two-factor';

let server;
before(async () => { server = await startServer(); });
after(() => server.stop());

test('discovery names the stronger sign-in', async () => {
  const metadata = await (await fetch(`${server.issuer}/.well-known/openid-configuration`)).json();
  assert.deepEqual(metadata.acr_values_supported, [TWO_FACTOR]);
});

test('the vault opens after a second step, for which a known person needs no password', async () => {
  const { browser, tokens } = await signIn(server);
  const refused = await get(`${server.resource}/vault`, tokens.access_token);
  assert.equal(refused.status, 401);
  assert.match(
    refused.headers.get('www-authenticate'),
    /^Bearer realm="[^"]+", error="insufficient_user_authentication", error_description="[^"]+", acr_values="urn:pixy:two-factor", max_age="300"$/,
  );
  assert.equal((await refused.json()).error, 'insufficient_user_authentication');
  assert.equal(decodeJwt(tokens.id_token).acr, undefined);

  const second = await signIn(server, { browser, account: undefined, acr_values: TWO_FACTOR, max_age: 300 });
  const claims = decodeJwt(second.tokens.id_token);
  assert.equal(claims.acr, TWO_FACTOR);
  assert.ok(Math.abs(claims.auth_time - Date.now() / 1000) < 30);
  const opened = await get(`${server.resource}/vault`, second.tokens.access_token);
  assert.equal(opened.status, 200);
  assert.equal((await opened.json()).owner, '佐藤 花子');

  // The first token stays what it was.
  assert.equal((await get(`${server.resource}/vault`, tokens.access_token)).status, 401);
});

test('at once, password and code are asked one after the other', async () => {
  const browser = new Browser();
  const request = authorizationRequest(server, { acr_values: `urn:other ${TWO_FACTOR}`, ui_locales: 'ja' });
  let page = await browser.follow(request.url);
  assert.doesNotMatch(page.text, /name="code"/);
  const { login, password } = server.accounts[0];
  page = await browser.follow(page.at, { method: 'POST', form: { action: 'sign-in', login, password } });
  assert.match(page.text, /<h1>本人確認<\/h1>/);
  assert.match(page.response.headers.get('content-security-policy'), /default-src 'none'/);
  assert.ok(page.text.includes(server.one_time_code));

  const wrong = await browser.follow(page.at, { method: 'POST', form: { action: 'confirm', code: '000000' } });
  assert.equal(wrong.response.status, 400);
  assert.match(wrong.text, /role="alert"/);
  page = await browser.follow(page.at, { method: 'POST', form: { action: 'confirm', code: '123 456' } });
  assert.match(page.text, /id="allow"/);
});

test('Cancel at the second step ends in access_denied at the app', async () => {
  const { browser } = await signIn(server);
  const page = await browser.follow(authorizationRequest(server, { acr_values: TWO_FACTOR }).url);
  const cancelled = await browser.follow(page.at, { method: 'POST', form: { action: 'cancel' } });
  assert.equal(cancelled.at.searchParams.get('error'), 'access_denied');
});

test('prompt=none can’t raise the level, and a raised session needs no page', async () => {
  const { browser } = await signIn(server);
  const quiet = { acr_values: TWO_FACTOR, prompt: 'none' };
  const refused = await authorize(browser, authorizationRequest(server, quiet));
  assert.equal(refused.callback.get('error'), 'login_required');
  await signIn(server, { browser, account: undefined, acr_values: TWO_FACTOR });
  const { callback } = await authorize(browser, authorizationRequest(server, quiet));
  assert.ok(callback.get('code'));
});

test('an unknown level is no hindrance, and is not claimed', async () => {
  const { tokens } = await signIn(server, { acr_values: 'urn:unknown' });
  assert.equal(decodeJwt(tokens.id_token).acr, undefined);
});

test('the level is in a JWT for the vault, and stays with refreshed tokens', async () => {
  const vault = `${server.resource}/vault`;
  const request = authorizationRequest(server, {
    scope: 'openid profile offline_access', prompt: 'consent', acr_values: TWO_FACTOR, resource: vault,
  });
  const { callback } = await authorize(new Browser(), request, server.accounts[0]);
  const { body } = await postToken(server, {
    grant_type: 'authorization_code',
    code: callback.get('code'),
    code_verifier: request.verifier,
    redirect_uri: REDIRECT_URI,
    resource: vault,
  });
  const claims = decodeJwt(body.access_token);
  assert.equal(claims.aud, vault);
  assert.equal(claims.acr, TWO_FACTOR);
  assert.equal(typeof claims.auth_time, 'number');
  assert.equal((await get(vault, body.access_token)).status, 200);
  assert.equal((await get(`${server.resource}/profile`, body.access_token)).status, 401);

  for (const resource of [vault, undefined]) {
    const form = { grant_type: 'refresh_token', refresh_token: body.refresh_token, ...(resource ? { resource } : {}) };
    const refreshed = await postToken(server, form);
    body.refresh_token = refreshed.body.refresh_token;
    assert.equal((await get(vault, refreshed.body.access_token)).status, 200);
  }
});

test('a DPoP client is told in its scheme', async () => {
  const prover = await createProver();
  const request = authorizationRequest(server);
  const { callback } = await authorize(new Browser(), request, server.accounts[0]);
  const proof = await prover.prove({ method: 'POST', url: `${server.issuer}/token` });
  const { body } = await redeem(server, request, callback.get('code'), { DPoP: proof });
  const response = await getWithProof(prover, `${server.resource}/vault`, body.access_token);
  assert.equal(response.status, 401);
  assert.match(
    response.headers.get('www-authenticate'),
    /^DPoP .*error="insufficient_user_authentication".*acr_values="urn:pixy:two-factor", max_age="300", algs=/,
  );
});

test('max_age asks again after that time, and auth_time says when that was', async () => {
  const { browser, tokens } = await signIn(server, { max_age: 60 });
  const first = decodeJwt(tokens.id_token).auth_time;
  await setTimeout(2100);
  const quiet = await authorize(browser, authorizationRequest(server, { max_age: 1, prompt: 'none' }));
  assert.equal(quiet.callback.get('error'), 'login_required');
  const same = await signIn(server, { browser, account: undefined, max_age: 60 });
  assert.equal(decodeJwt(same.tokens.id_token).auth_time, first);

  const { text } = await browser.follow(authorizationRequest(server, { max_age: 1 }).url);
  assert.match(text, /name="password"/);
  const again = await signIn(server, { browser, max_age: 1 });
  assert.ok(decodeJwt(again.tokens.id_token).auth_time >= first + 2);
});

test('the vault wants a sign-in that is recent enough', async () => {
  const strict = await startServer('--vault-max-age', '2');
  try {
    const { browser, tokens } = await signIn(strict, { acr_values: TWO_FACTOR });
    assert.equal((await get(`${strict.resource}/vault`, tokens.access_token)).status, 200);
    await setTimeout(3100);
    const refused = await get(`${strict.resource}/vault`, tokens.access_token);
    assert.equal(refused.status, 401);
    assert.match(refused.headers.get('www-authenticate'), /error="insufficient_user_authentication".*max_age="2"/);

    const again = await signIn(strict, { browser, acr_values: TWO_FACTOR, max_age: 2 });
    assert.equal((await get(`${strict.resource}/vault`, again.tokens.access_token)).status, 200);
  } finally {
    await strict.stop();
  }
});
