// The code flow, from the first redirect to the profile and the mail.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { decodeJwt } from 'jose';
import {
  APP, authorizationRequest, authorize, Browser, get, postToken, push, redeem, REDIRECT_URI, signIn, startServer,
} from './support.js';

let server;
before(async () => { server = await startServer(); });
after(() => server.stop());

test('discovery says what the provider can do', async () => {
  const metadata = await (await fetch(`${server.issuer}/.well-known/openid-configuration`)).json();
  assert.equal(metadata.issuer, server.issuer);
  assert.deepEqual(metadata.response_types_supported, ['code']);
  assert.deepEqual(metadata.code_challenge_methods_supported, ['S256']);
  assert.deepEqual(metadata.token_endpoint_auth_methods_supported, ['none']);
  assert.deepEqual(metadata.ui_locales_supported, ['en', 'ja']);
  assert.equal(metadata.authorization_response_iss_parameter_supported, true);
  for (const scope of ['openid', 'profile', 'email', 'mail', 'offline_access']) {
    assert.ok(metadata.scopes_supported.includes(scope), scope);
  }
  for (const endpoint of ['userinfo', 'revocation', 'end_session', 'pushed_authorization_request']) {
    assert.ok(metadata[`${endpoint}_endpoint`].startsWith(server.issuer), endpoint);
  }
  assert.ok(metadata.dpop_signing_alg_values_supported.includes('ES256'));
  const oauth = await (await fetch(`${server.issuer}/.well-known/oauth-authorization-server`)).json();
  assert.equal(oauth.issuer, server.issuer);
});

test('one access token opens userinfo and the resource server, and mail only with its scope', async () => {
  const { browser, callback, tokens, asked } = await signIn(server);
  assert.equal(callback.get('iss'), server.issuer);
  assert.deepEqual(asked, ['openid', 'profile', 'email']);
  assert.equal(tokens.token_type, 'Bearer');
  assert.equal(tokens.expires_in, 3600);
  assert.equal(tokens.refresh_token, undefined);

  const userinfo = await (await get(`${server.issuer}/me`, tokens.access_token)).json();
  assert.equal(userinfo.name, '佐藤 花子');
  assert.equal(userinfo.email, 'hanako@example.com');
  assert.equal(userinfo.locale, 'ja-JP');
  assert.deepEqual(Object.keys(userinfo).sort(), [
    'email', 'email_verified', 'family_name', 'given_name', 'locale', 'name', 'nickname', 'picture',
    'preferred_username', 'sub', 'updated_at', 'website', 'zoneinfo',
  ]);

  const profile = await get(`${server.resource}/profile`, tokens.access_token);
  assert.equal(profile.status, 200);
  assert.equal(profile.headers.get('cache-control'), 'no-store');
  assert.equal((await profile.json()).name, '佐藤 花子');

  const refused = await get(`${server.resource}/mail`, tokens.access_token);
  assert.equal(refused.status, 403);
  assert.match(
    refused.headers.get('www-authenticate'),
    /^Bearer realm="[^"]+", error="insufficient_scope", error_description="[^"]+", scope="mail"$/,
  );
  assert.equal((await refused.json()).error, 'insufficient_scope');

  // The same browser again: no password, and consent only for what is new.
  const again = await signIn(server, { browser, scope: 'openid profile email mail', account: undefined });
  assert.deepEqual(again.asked, ['mail', 'openid', 'profile', 'email']);
  const { mails } = await (await get(`${server.resource}/mail`, again.tokens.access_token)).json();
  assert.ok(mails.length >= 2);
  assert.ok(mails.some((mail) => /[ぁ-ん]/.test(mail.subject)));
});

test('a known person with known consent sees no page at all', async () => {
  const { browser } = await signIn(server);
  const request = authorizationRequest(server, { prompt: 'none' });
  const { callback, asked } = await authorize(browser, request);
  assert.ok(callback.get('code'));
  assert.equal(callback.get('state'), request.state);
  assert.deepEqual(asked, []);
});

test('prompt=login asks for the password again, and another person may sign in', async () => {
  const { browser } = await signIn(server);
  const request = authorizationRequest(server, { prompt: 'login', login_hint: 'ada' });
  const { at, text } = await browser.follow(request.url);
  assert.match(text, /name="login" value="ada"/);
  const form = { action: 'sign-in', login: 'ada', password: 'pixy-ada' };
  const { text: switching, at: resume } = await browser.follow(at, { method: 'POST', form });
  // The provider ends the first person's session by a form that submits itself.
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(switching)[1];
  let page = await browser.follow(new URL('/session/end/confirm', resume), { method: 'POST', form: { xsrf, logout: 'yes' } });
  page = await browser.follow(page.at, { method: 'POST', form: { action: 'allow' } });
  const { body } = await redeem(server, request, page.at.searchParams.get('code'));
  assert.equal((await (await get(`${server.issuer}/me`, body.access_token)).json()).name, 'Ada Byron');
});

test('a picture may be shown by any page', async () => {
  const { tokens } = await signIn(server);
  const { picture } = await (await get(`${server.issuer}/me`, tokens.access_token)).json();
  const response = await fetch(picture, { headers: { Origin: APP } });
  assert.equal(response.headers.get('content-type'), 'image/svg+xml');
  assert.equal(response.headers.get('cross-origin-resource-policy'), 'cross-origin');
  assert.equal(response.headers.get('access-control-allow-origin'), '*');
  assert.match(await response.text(), /^<svg /);
});

test('every account can sign in, and the one without a picture has none', async () => {
  for (const account of server.accounts) {
    const { tokens } = await signIn(server, { account });
    const userinfo = await (await get(`${server.issuer}/me`, tokens.access_token)).json();
    assert.equal(userinfo.name, account.name);
    assert.equal('picture' in userinfo, account.login !== 'sam');
  }
});

test('a wrong password is said, and the right one still works', async () => {
  const browser = new Browser();
  const { at } = await browser.follow(authorizationRequest(server).url);
  const form = { action: 'sign-in', login: '<b>hanako', password: 'wrong' };
  const wrong = await browser.follow(at, { method: 'POST', form });
  assert.equal(wrong.response.status, 400);
  assert.match(wrong.text, /role="alert"/);
  assert.match(wrong.text, /value="&lt;b&gt;hanako"/);
  const right = await browser.follow(at, { method: 'POST', form: { action: 'sign-in', login: ' Hanako ', password: 'pixy-hanako' } });
  assert.match(right.text, /id="allow"/);
});

for (const [where, prepare] of [['sign-in', () => {}], ['consent', signInOnly]]) {
  test(`Cancel on the ${where} page ends in access_denied at the app`, async () => {
    const browser = new Browser();
    const request = authorizationRequest(server);
    let { at } = await browser.follow(request.url);
    at = await prepare(browser, at) ?? at;
    const cancelled = await browser.follow(at, { method: 'POST', form: { action: 'cancel' } });
    assert.equal(cancelled.at.origin + cancelled.at.pathname, REDIRECT_URI);
    assert.equal(cancelled.at.searchParams.get('error'), 'access_denied');
    assert.equal(cancelled.at.searchParams.get('state'), request.state);
    assert.equal(cancelled.at.searchParams.get('iss'), server.issuer);
  });
}

async function signInOnly(browser, at) {
  const form = { action: 'sign-in', login: 'ada', password: 'pixy-ada' };
  const page = await browser.follow(at, { method: 'POST', form });
  assert.match(page.text, /id="allow"/);
  return page.at;
}

test('two tabs of one browser sign in at once', async () => {
  const browser = new Browser();
  const requests = [authorizationRequest(server), authorizationRequest(server)];
  const pages = [];
  for (const request of requests) pages.push(await browser.follow(request.url));
  for (const [index, request] of requests.entries()) {
    const form = { action: 'sign-in', login: 'ada', password: 'pixy-ada' };
    let page = await browser.follow(pages[index].at, { method: 'POST', form });
    if (page.text.includes('id="allow"')) {
      page = await browser.follow(page.at, { method: 'POST', form: { action: 'allow' } });
    }
    const { status } = await redeem(server, request, page.at.searchParams.get('code'));
    assert.equal(status, 200);
  }
});

test('Back to a finished sign-in page gives a clear page, not a second code', async () => {
  const browser = new Browser();
  const request = authorizationRequest(server);
  const { at } = await browser.follow(request.url);
  await signInOnly(browser, at);
  const back = await browser.follow(at);
  assert.equal(back.response.status, 400);
  assert.match(back.text, /interaction_expired/);
});

test('without S256 there is no code', async () => {
  for (const extra of [
    { code_challenge: undefined, code_challenge_method: undefined },
    { code_challenge_method: 'plain' },
    { code_challenge_method: undefined },
  ]) {
    const { at } = await new Browser().follow(authorizationRequest(server, extra).url);
    assert.equal(at.searchParams.get('error'), 'invalid_request', JSON.stringify(extra));
    assert.equal(at.searchParams.get('code'), null);
  }
});

test('a redirect URI that is not exactly registered gets no redirect', async () => {
  for (const uri of [
    `${REDIRECT_URI}?x`, `${REDIRECT_URI}/`, `${APP}/`, `${APP}/CALLBACK.html`,
    'http://localhost:8081/callback.html', 'http://127.0.0.1:8080/callback.html', 'https://example.com/',
  ]) {
    const { at, response, text } = await new Browser().follow(authorizationRequest(server, { redirect_uri: uri }).url);
    assert.equal(at.origin, server.issuer, uri);
    assert.equal(response.status, 400);
    assert.match(text, /invalid_redirect_uri/);
  }
});

test('only response_type=code is known', async () => {
  for (const type of ['token', 'id_token', 'code id_token']) {
    const { at } = await new Browser().follow(authorizationRequest(server, { response_type: type }).url);
    assert.ok(!at.href.includes('access_token'), type);
    assert.match(at.href, /error=unsupported_response_type/);
  }
});

test('a code works once, and its second use ends the tokens of the first', async () => {
  const request = authorizationRequest(server);
  const { callback } = await authorize(new Browser(), request, server.accounts[0]);
  const first = await redeem(server, request, callback.get('code'));
  assert.equal(first.status, 200);
  const second = await redeem(server, request, callback.get('code'));
  assert.equal(second.status, 400);
  assert.equal(second.body.error, 'invalid_grant');
  assert.equal((await get(`${server.issuer}/me`, first.body.access_token)).status, 401);
  assert.equal((await get(`${server.resource}/profile`, first.body.access_token)).status, 401);
});

test('a code needs its own verifier and redirect URI', async () => {
  const request = authorizationRequest(server);
  const { callback } = await authorize(new Browser(), request, server.accounts[0]);
  const form = { grant_type: 'authorization_code', code: callback.get('code'), redirect_uri: REDIRECT_URI };
  const wrongVerifier = await postToken(server, { ...form, code_verifier: 'x'.repeat(43) });
  assert.equal(wrongVerifier.body.error, 'invalid_grant');
  const wrongUri = await postToken(server, { ...form, code_verifier: request.verifier, redirect_uri: `${APP}/` });
  assert.equal(wrongUri.body.error, 'invalid_grant');
});

test('the id of a client may be the URL of its metadata document', async () => {
  const id = 'https://app.example/client.json?v%3D2';
  const other = await startServer('--client', `${id}=https://app.example/a/callback`);
  try {
    const redirectUri = 'https://app.example/a/callback';
    const request = authorizationRequest(other, { client_id: id, redirect_uri: redirectUri });
    const { at, callback } = await authorize(new Browser(), request, other.accounts[0]);
    assert.equal(at.origin + at.pathname, redirectUri);
    const { body } = await postToken(other, {
      client_id: id,
      grant_type: 'authorization_code',
      code: callback.get('code'),
      code_verifier: request.verifier,
      redirect_uri: redirectUri,
    }, { Origin: 'https://app.example' });
    assert.equal(decodeJwt(body.id_token).aud, id);
  } finally {
    await other.stop();
  }
});

test('a pushed request goes the same way', async () => {
  const request = authorizationRequest(server);
  const pushed = await push(server, request);
  assert.equal(pushed.status, 201);
  assert.equal(pushed.headers.get('access-control-allow-origin'), APP);
  const { callback } = await authorize(new Browser(), pushed, server.accounts[1]);
  assert.equal((await redeem(server, request, callback.get('code'))).status, 200);
});

test('a pushed request works once, and a bad one is refused when it is pushed', async () => {
  const pushed = await push(server, authorizationRequest(server));
  const { callback } = await authorize(new Browser(), pushed, server.accounts[1]);
  assert.ok(callback.get('code'));
  const again = await new Browser().follow(pushed.url);
  assert.equal(again.response.status, 400);
  assert.match(again.text, /invalid_request_uri/);

  const refused = await push(server, authorizationRequest(server, { redirect_uri: 'https://example.com/' }));
  assert.equal(refused.status, 400);
  assert.equal(refused.body.error, 'invalid_request');
});

test('with --require-par only pushed requests are taken, and discovery says so', async () => {
  const strict = await startServer('--require-par');
  try {
    const metadata = await (await fetch(`${strict.issuer}/.well-known/openid-configuration`)).json();
    assert.equal(metadata.require_pushed_authorization_requests, true);
    const request = authorizationRequest(strict);
    const { at } = await new Browser().follow(request.url);
    assert.equal(at.searchParams.get('error'), 'invalid_request');
    assert.equal(at.searchParams.get('code'), null);
    const { callback } = await authorize(new Browser(), await push(strict, request), strict.accounts[0]);
    assert.equal((await redeem(strict, request, callback.get('code'))).status, 200);
  } finally {
    await strict.stop();
  }
});

test('paths and issuer are Auth0’s where that is asked for', async () => {
  const auth0 = await startServer('--like-auth0');
  try {
    assert.match(auth0.issuer, /^http:\/\/localhost:\d+\/$/);
    const described = await (await fetch(`${auth0.issuer}.well-known/openid-configuration`)).json();
    assert.equal(described.issuer, auth0.issuer);
    assert.equal(described.authorization_endpoint, `${auth0.issuer}authorize`);
    assert.equal(described.token_endpoint, `${auth0.issuer}oauth/token`);

    const request = authorizationRequest(auth0);
    const url = described.authorization_endpoint + new URL(request.url).search;
    const { callback } = await authorize(new Browser(), { url }, auth0.accounts[0]);
    const answer = await fetch(described.token_endpoint, {
      method: 'POST',
      body: new URLSearchParams({
        client_id: request.parameters.client_id,
        grant_type: 'authorization_code',
        code: callback.get('code'),
        code_verifier: request.verifier,
        redirect_uri: REDIRECT_URI,
      }),
    });
    const { id_token: idToken } = await answer.json();
    assert.equal(decodeJwt(idToken).name, auth0.accounts[0].name, 'as most providers have it');
  } finally {
    await auth0.stop();
  }
});
