// Signatures: the algorithms of ID tokens, userinfo as a JWT, and keys that change during a session.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { authorizationRequest, authorize, Browser, CLIENT_ID, get, redeem, signIn, startServer } from './support.js';

async function withServer(args, check) {
  const server = await startServer(...args);
  try {
    await check(server);
  } finally {
    await server.stop();
  }
}

const metadataOf = async (server) => (await fetch(`${server.issuer}/.well-known/openid-configuration`)).json();
const keysOf = async (server) => (await (await fetch(`${server.issuer}/jwks`)).json()).keys;

function verify(server, jwt) {
  const keys = createRemoteJWKSet(new URL(`${server.issuer}/jwks`));
  return jwtVerify(jwt, keys, { issuer: server.issuer, audience: CLIENT_ID });
}

for (const alg of ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519']) {
  test(`ID tokens may be signed with ${alg}`, () => withServer(['--id-token-alg', alg], async (server) => {
    assert.ok((await metadataOf(server)).id_token_signing_alg_values_supported.includes(alg));
    const { tokens } = await signIn(server);
    assert.equal((await verify(server, tokens.id_token)).protectedHeader.alg, alg);
  }));
}

test('userinfo is JSON, and with --signed-userinfo a JWT', async () => {
  await withServer([], async (server) => {
    assert.equal((await metadataOf(server)).userinfo_signing_alg_values_supported, undefined);
    const { tokens } = await signIn(server);
    const answer = await get(`${server.issuer}/me`, tokens.access_token);
    assert.match(answer.headers.get('content-type'), /^application\/json/);
  });
  await withServer(['--signed-userinfo'], async (server) => {
    assert.deepEqual((await metadataOf(server)).userinfo_signing_alg_values_supported, ['RS256']);
    const { tokens } = await signIn(server);
    const answer = await get(`${server.issuer}/me`, tokens.access_token);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type'), /^application\/jwt/);
    const { payload, protectedHeader } = await verify(server, await answer.text());
    assert.equal(protectedHeader.alg, 'RS256');
    assert.equal(payload.name, '佐藤 花子');
  });
});

test('new keys sign what comes next, and what was begun goes on', () => withServer(['--test-controls'], async (server) => {
  const { browser, tokens } = await signIn(server);
  const request = authorizationRequest(server);
  const { callback } = await authorize(browser, request);
  const before = (await keysOf(server)).map((key) => key.kid);

  assert.equal((await fetch(`${server.issuer}/_rotate-keys`, { method: 'POST' })).status, 204);
  const after = (await keysOf(server)).map((key) => key.kid);
  assert.equal(after.length, before.length);
  assert.ok(after.every((kid) => !before.includes(kid)));

  const { status, body } = await redeem(server, request, callback.get('code'));
  assert.equal(status, 200);
  assert.ok(after.includes(decodeProtectedHeader(body.id_token).kid));
  await verify(server, body.id_token);
  await assert.rejects(verify(server, tokens.id_token), { code: 'ERR_JWKS_NO_MATCHING_KEY' });
  assert.equal((await get(`${server.resource}/profile`, tokens.access_token)).status, 200);
  const quiet = await authorize(browser, authorizationRequest(server, { prompt: 'none' }));
  assert.ok(quiet.callback.get('code'));
}));

test('without --test-controls nobody changes the keys', () => withServer([], async (server) => {
  const before = await keysOf(server);
  assert.equal((await fetch(`${server.issuer}/_rotate-keys`, { method: 'POST' })).status, 404);
  assert.deepEqual(await keysOf(server), before);
}));
