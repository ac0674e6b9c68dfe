// What the lesson needs: clients to compare with, what the server compared, and what becomes of a code.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, mock, test } from 'node:test';
import { createAccounts } from '../accounts.js';
import { createAuthorizationServer } from '../authorization-server.js';
import { parseOptions } from '../options.js';
import {
  APP, authorizationRequest, authorize, Browser, CLIENT_ID, get, postToken, push, redeem, REDIRECT_URI, signIn,
  startServer,
} from './support.js';

const WITHOUT_PKCE = `${CLIENT_ID}-without-pkce`;
const BRIEF = `${CLIENT_ID}-brief`;

let server;
before(async () => { server = await startServer('--lesson'); });
after(() => server.stop());

function withoutPkce(extra = {}) {
  return authorizationRequest(server, {
    client_id: WITHOUT_PKCE, code_challenge: undefined, code_challenge_method: undefined, ...extra,
  });
}

async function codeFor(request, browser = new Browser()) {
  const { callback } = await authorize(browser, request, server.accounts[1]);
  return callback.get('code');
}

function spend(code, extra = {}) {
  return postToken(server, { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, ...extra });
}

async function compared(query) {
  const response = await fetch(`${server.issuer}/_compared?${new URLSearchParams(query)}`, { headers: { Origin: APP } });
  assert.equal(response.status, 200);
  return { headers: response.headers, list: await response.json() };
}

function hash(text) {
  return createHash('sha256').update(text).digest('base64url');
}

test('the client without PKCE gets a code without a challenge, and tokens without a verifier', async () => {
  const code = await codeFor(withoutPkce());
  const { status, body, headers } = await spend(code, { client_id: WITHOUT_PKCE });
  assert.equal(status, 200);
  assert.equal(headers.get('access-control-allow-origin'), APP);
  assert.equal((await get(`${server.resource}/profile`, body.access_token)).status, 200);
});

test('it may push its request', async () => {
  const pushed = await push(server, withoutPkce());
  assert.equal(pushed.status, 201);
  assert.ok(await codeFor(pushed));
});

test('a challenge that it sends is checked all the same', async () => {
  const request = authorizationRequest(server, { client_id: WITHOUT_PKCE });
  const code = await codeFor(request);
  const refused = await spend(code, { client_id: WITHOUT_PKCE });
  assert.equal(refused.body.error, 'invalid_grant');
  assert.equal((await spend(code, { client_id: WITHOUT_PKCE, code_verifier: request.verifier })).status, 200);
});

test('its pages say that it is unsafe, in both languages', async () => {
  for (const [language, words] of [['en', 'UNSAFE: without PKCE'], ['ja', '危険：PKCE なし']]) {
    const browser = new Browser();
    const page = await browser.follow(withoutPkce({ ui_locales: language }).url);
    assert.ok(page.text.includes(words), language);
    const form = { action: 'sign-in', login: 'ada', password: 'pixy-ada' };
    const consent = await browser.follow(page.at, { method: 'POST', form });
    assert.match(consent.text, /id="allow"/);
    assert.ok(consent.text.includes(words), language);
  }
  const usual = await new Browser().follow(authorizationRequest(server).url);
  assert.ok(!usual.text.includes('UNSAFE'));
});

test('all other clients need PKCE, and without --lesson there are no others', async () => {
  for (const client of [CLIENT_ID, BRIEF]) {
    const { at } = await new Browser().follow(withoutPkce({ client_id: client }).url);
    assert.equal(at.searchParams.get('error'), 'invalid_request', client);
  }
  const usual = await startServer();
  try {
    for (const client of [WITHOUT_PKCE, BRIEF]) {
      const { response, text } = await new Browser().follow(authorizationRequest(usual, { client_id: client }).url);
      assert.equal(response.status, 400);
      assert.match(text, /invalid_client/);
    }
    assert.equal((await fetch(`${usual.issuer}/_compared?client=${CLIENT_ID}`)).status, 404);
  } finally {
    await usual.stop();
  }
});

test('tokens of the brief client live five seconds, those of the others as usual', async () => {
  const request = authorizationRequest(server, { client_id: BRIEF });
  const { body } = await spend(await codeFor(request), { client_id: BRIEF, code_verifier: request.verifier });
  assert.equal(body.expires_in, 5);
  assert.equal((await signIn(server)).tokens.expires_in, 3600);

  const resource = `${server.resource}/mail`;
  const narrow = authorizationRequest(server, { client_id: BRIEF, scope: 'openid mail', resource });
  const code = await codeFor(narrow);
  const token = await spend(code, { client_id: BRIEF, code_verifier: narrow.verifier, resource });
  assert.equal(token.body.expires_in, 5);
});

test('it says what was compared, without code, verifier or token', async () => {
  const request = authorizationRequest(server);
  const code = await codeFor(request);
  const challenge = request.parameters.code_challenge;
  assert.deepEqual((await compared({ challenge })).list, []);

  const wrong = 'w'.repeat(43);
  await spend(code);
  await spend(code, { code_verifier: wrong });
  await spend(code, { code_verifier: 'short' });
  const { body } = await redeem(server, request, code);
  await redeem(server, request, code);

  const { list, headers } = await compared({ challenge });
  assert.equal(headers.get('access-control-allow-origin'), APP);
  assert.equal(headers.get('cache-control'), 'no-store');
  for (const entry of list) {
    assert.ok(Date.now() - Date.parse(entry.at) < 60000);
    delete entry.at;
  }
  const common = { challenge, method: 'S256', client_id: CLIENT_ID };
  const refused = { matches: false, outcome: 'invalid_grant', description: 'grant request is invalid' };
  assert.deepEqual(list, [
    { ...common, verifier_sha256: null, ...refused, detail: 'code_verifier must be provided' },
    { ...common, verifier_sha256: hash(wrong), ...refused, detail: 'code_verifier does not match code_challenge' },
    {
      ...common,
      verifier_sha256: hash('short'),
      matches: false,
      outcome: 'invalid_request',
      description: 'code_verifier must be a string with a minimum length of 43 characters',
      detail: null,
    },
    { ...common, verifier_sha256: challenge, matches: true, outcome: 'token', description: null, detail: null },
    { ...common, verifier_sha256: challenge, ...refused, matches: true, detail: 'authorization code already consumed' },
  ]);
  const text = JSON.stringify(list);
  for (const secret of [code, request.verifier, body.access_token]) assert.ok(!text.includes(secret));
});

test('without a challenge there was nothing to compare', async () => {
  const code = await codeFor(withoutPkce());
  await spend(code, { client_id: WITHOUT_PKCE });
  const entry = (await compared({ client: WITHOUT_PKCE })).list.at(-1);
  assert.deepEqual({ ...entry, at: undefined }, {
    at: undefined,
    client_id: WITHOUT_PKCE,
    challenge: null,
    method: null,
    verifier_sha256: null,
    matches: null,
    outcome: 'token',
    description: null,
    detail: null,
  });
});

test('what was compared is for the apps only, and asked for by challenge or client', async () => {
  const foreign = await fetch(`${server.issuer}/_compared?client=${CLIENT_ID}`, { headers: { Origin: 'https://evil.example' } });
  assert.equal(foreign.headers.get('access-control-allow-origin'), null);
  assert.equal((await fetch(`${server.issuer}/_compared`)).status, 400);
});

test('a code stays good for its owner after attempts without a verifier and with wrong ones', async () => {
  const request = authorizationRequest(server);
  const code = await codeFor(request);
  for (const extra of [{}, { code_verifier: 'w'.repeat(43) }, { client_id: WITHOUT_PKCE }]) {
    const { status, body } = await spend(code, extra);
    assert.equal(status, 400);
    assert.equal(body.error, 'invalid_grant');
  }
  assert.equal((await redeem(server, request, code)).status, 200);
});

test('a code that is spent twice takes its tokens with it, but only by the right verifier', async () => {
  const request = authorizationRequest(server, { scope: 'openid profile offline_access', prompt: 'consent' });
  const browser = new Browser();
  const code = await codeFor(request, browser);
  const { body } = await redeem(server, request, code);
  const profile = () => get(`${server.resource}/profile`, body.access_token);

  assert.equal((await spend(code)).body.error, 'invalid_grant');
  assert.equal((await spend(code, { code_verifier: 'w'.repeat(43) })).body.error, 'invalid_grant');
  assert.equal((await profile()).status, 200);

  assert.equal((await redeem(server, request, code)).body.error, 'invalid_grant');
  assert.equal((await profile()).status, 401);
  const refreshed = await postToken(server, { grant_type: 'refresh_token', refresh_token: body.refresh_token });
  assert.equal(refreshed.body.error, 'invalid_grant');
  // Consent went as well, so that the next sign-in asks for it; the session at the provider stays.
  const { asked, text } = await authorize(browser, authorizationRequest(server));
  assert.ok(!text.includes('name="password"'));
  assert.ok(asked.includes('profile'));
});

test('a JWT outlives its code that is spent twice', async () => {
  const resource = server.resource;
  const request = authorizationRequest(server, { resource });
  const code = await codeFor(request);
  const { body } = await spend(code, { code_verifier: request.verifier, resource });
  await redeem(server, request, code);
  assert.equal((await get(`${server.resource}/profile`, body.access_token)).status, 200);
});

test('without PKCE a thief who is first gets in, until the owner comes with the same code', async () => {
  const code = await codeFor(withoutPkce());
  const { body } = await spend(code, { client_id: WITHOUT_PKCE });
  const profile = () => get(`${server.resource}/profile`, body.access_token);
  assert.equal((await (await profile()).json()).name, 'Ada Byron');
  assert.equal((await spend(code, { client_id: WITHOUT_PKCE })).body.error, 'invalid_grant');
  assert.equal((await profile()).status, 401);
});

for (const [name, lifetime, ...args] of [['ten minutes, for somebody who steps through by hand', 600, '--lesson'], ['a minute', 60]]) {
  test(`with "${args}" a code lives ${name}`, async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const issuer = `http://localhost:${listener.address().port}`;
    const options = parseOptions([`--client=${CLIENT_ID}=${REDIRECT_URI}`, ...args]);
    const own = await createAuthorizationServer({
      issuer, resource: 'http://localhost:1', options, accounts: createAccounts(issuer), record() {},
    });
    listener.on('request', own.handle);
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    try {
      for (const [age, status] of [[lifetime - 1, 200], [lifetime, 400]]) {
        const request = authorizationRequest({ issuer });
        const { callback } = await authorize(new Browser(), request, server.accounts[0]);
        mock.timers.tick(age * 1000);
        assert.equal((await redeem({ issuer }, request, callback.get('code'))).status, status, String(age));
      }
    } finally {
      mock.timers.reset();
      listener.close();
    }
  });
}
