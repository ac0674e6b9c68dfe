// What an administrator does with --test-controls, and what the app is told of it.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import {
  APP, authorizationRequest, authorize, Browser, CLIENT_ID, get, postToken, signIn, startServer,
} from './support.js';

let server;
before(async () => { server = await startServer('--test-controls', '--refresh-tokens'); });
after(() => server.stop());
afterEach(() => control('_restore'));

function control(action, about = {}) {
  return fetch(`${server.issuer}/${action}?${new URLSearchParams(about)}`, { method: 'POST' });
}

async function done(action, about) {
  assert.equal((await control(action, about)).status, 204);
}

const renew = (token) => postToken(server, { grant_type: 'refresh_token', refresh_token: token });
const person = () => server.accounts[0].login;

/** Asserts that neither token of a sign-in is good any more, and returns what the app is told. */
async function assertEnded({ tokens }) {
  const refused = await renew(tokens.refresh_token);
  assert.equal((await get(`${server.issuer}/me`, tokens.access_token)).status, 401);
  assert.equal((await get(`${server.resource}/profile`, tokens.access_token)).status, 401);
  return refused;
}

async function assertAskedToSignIn(browser) {
  const { text } = await browser.follow(authorizationRequest(server).url);
  assert.match(text, /name="password"/);
  const quiet = await authorize(browser, authorizationRequest(server, { prompt: 'none' }));
  assert.equal(quiet.callback.get('error'), 'login_required');
}

test('who is disabled has no tokens any more and can’t sign in', async () => {
  const signedIn = await signIn(server);
  await done('_disable-person', { person: person() });
  assert.equal((await assertEnded(signedIn)).body.error, 'invalid_grant');
  await assertAskedToSignIn(signedIn.browser);
  const { status, text } = await authorize(new Browser(), authorizationRequest(server), server.accounts[0]);
  assert.equal(status, 400);
  assert.match(text, /role="alert"/);
  const another = await signIn(server, { account: server.accounts[1] });
  assert.equal((await renew(another.tokens.refresh_token)).status, 200);
});

test('without sessions a person signs in again, and others go on', async () => {
  const signedIn = await signIn(server);
  const another = await signIn(server, { account: server.accounts[1] });
  await done('_delete-sessions', { person: person() });
  assert.equal((await assertEnded(signedIn)).body.error, 'invalid_grant');
  await assertAskedToSignIn(signedIn.browser);
  assert.equal((await renew(another.tokens.refresh_token)).status, 200);
});

test('a consent that is taken back is asked for again, without a password', async () => {
  const signedIn = await signIn(server);
  await done('_revoke-consent', { person: person(), client: CLIENT_ID });
  assert.equal((await assertEnded(signedIn)).body.error, 'invalid_grant');
  const { text } = await signedIn.browser.follow(authorizationRequest(server).url);
  assert.match(text, /id="allow"/);
});

test('a disabled client is told so, readable for its page', async () => {
  const { browser, tokens } = await signIn(server);
  await done('_disable-client', { client: CLIENT_ID });
  const refused = await renew(tokens.refresh_token);
  assert.equal(refused.status, 401);
  assert.equal(refused.body.error, 'invalid_client');
  assert.equal(refused.headers.get('access-control-allow-origin'), APP);
  assert.equal((await get(`${server.issuer}/me`, tokens.access_token)).status, 401);
  const { response } = await browser.follow(authorizationRequest(server).url);
  assert.equal(response.status, 400);
});

test('all is undone, and nothing is left', async () => {
  const { browser, tokens } = await signIn(server);
  await done('_disable-person', { person: person() });
  await done('_disable-client', { client: CLIENT_ID });
  await done('_restore');
  assert.equal((await renew(tokens.refresh_token)).body.error, 'invalid_grant');
  await assertAskedToSignIn(browser);
  const again = await signIn(server, { browser });
  assert.ok(again.asked.includes('openid'));
  assert.equal((await renew(again.tokens.refresh_token)).status, 200);
});

test('mistakes are named', async () => {
  const nobody = await control('_disable-person', { person: 'nobody' });
  assert.equal(nobody.status, 400);
  assert.equal(await nobody.text(), 'there is no person "nobody"');
  assert.equal((await control('_disable-client')).status, 400);
});

test('without --test-controls there is no administrator', async () => {
  const closed = await startServer();
  try {
    assert.equal((await fetch(`${closed.issuer}/_restore`, { method: 'POST' })).status, 404);
  } finally {
    await closed.stop();
  }
});
