// DPoP at both servers (RFC 9449), with and without nonces.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  authorizationRequest, authorize, Browser, createProver, get, getWithProof, push, redeem, signIn, startServer,
} from './support.js';

let server;
let prover;
let token;

before(async () => {
  server = await startServer();
  prover = await createProver();
  ({ access_token: token } = await signInWithProof(server, prover));
});
after(() => server.stop());

async function signInWithProof(at, key, claims) {
  const request = authorizationRequest(at);
  const { callback } = await authorize(new Browser(), request, at.accounts[0]);
  const proof = await key.prove({ method: 'POST', url: `${at.issuer}/token`, claims });
  const { body } = await redeem(at, request, callback.get('code'), { DPoP: proof });
  assert.equal(body.token_type, 'DPoP', JSON.stringify(body));
  return body;
}

async function assertChallenge(response, error) {
  assert.equal(response.status, 401);
  const challenge = response.headers.get('www-authenticate');
  assert.match(challenge, new RegExp(`^DPoP realm="[^"]+", error="${error}", error_description="[^"]+", algs="ES256 `));
}

test('a bound token works with a proof at userinfo and at the resource server', async () => {
  assert.equal((await getWithProof(prover, `${server.issuer}/me`, token)).status, 200);
  assert.equal((await getWithProof(prover, `${server.resource}/profile`, token)).status, 200);
});

test('the query is no part of htu', async () => {
  const proof = await prover.prove({ method: 'GET', url: `${server.resource}/profile`, token });
  const response = await get(`${server.resource}/profile?a=b`, token, { scheme: 'dpop', headers: { DPoP: proof } });
  assert.equal(response.status, 200);
});

test('a bound token is refused as Bearer', async () => {
  const response = await get(`${server.resource}/profile`, token);
  assert.equal(response.status, 401);
  assert.match(response.headers.get('www-authenticate'), /^Bearer .*error="invalid_token"/);
});

test('a Bearer token is refused with the DPoP scheme', async () => {
  const { tokens } = await signIn(server);
  await assertChallenge(await getWithProof(prover, `${server.resource}/profile`, tokens.access_token), 'invalid_token');
});

test('insufficient scope is told in the DPoP scheme', async () => {
  const response = await getWithProof(prover, `${server.resource}/mail`, token);
  assert.equal(response.status, 403);
  assert.match(response.headers.get('www-authenticate'), /^DPoP .*error="insufficient_scope".*scope="mail", algs=/);
});

const NOW = Math.floor(Date.now() / 1000);
for (const [what, proof] of [
  ['another method', { claims: { htm: 'POST' } }],
  ['another URI', { claims: { htu: 'http://localhost:1/profile' } }],
  ['no URI', { claims: { htu: undefined } }],
  ['another token', { claims: { ath: 'x'.repeat(43) } }],
  ['no token hash', { claims: { ath: undefined } }],
  ['no jti', { claims: { jti: undefined } }],
  ['an old iat', { claims: { iat: NOW - 900 } }],
  ['a future iat', { claims: { iat: NOW + 900 } }],
  ['an iat that is text', { claims: { iat: String(NOW) } }],
  ['a nonce nobody gave', { claims: { nonce: 'invented' } }],
  ['the wrong typ', { header: { typ: 'JWT' } }],
  ['no key', { header: { jwk: undefined } }],
]) {
  test(`a proof with ${what} is refused`, async () => {
    await assertChallenge(await getWithProof(prover, `${server.resource}/profile`, token, proof), 'invalid_dpop_proof');
  });
}

test('a proof that carries the private key is refused', async () => {
  const header = { jwk: prover.privateJwk };
  await assertChallenge(await getWithProof(prover, `${server.resource}/profile`, token, { header }), 'invalid_dpop_proof');
});

test('a proof of another key is refused', async () => {
  const other = await createProver();
  await assertChallenge(await getWithProof(other, `${server.resource}/profile`, token), 'invalid_token');
});

test('a proof is taken once', async () => {
  const headers = { DPoP: await prover.prove({ method: 'GET', url: `${server.resource}/profile`, token }) };
  assert.equal((await get(`${server.resource}/profile`, token, { scheme: 'DPoP', headers })).status, 200);
  await assertChallenge(await get(`${server.resource}/profile`, token, { scheme: 'DPoP', headers }), 'invalid_dpop_proof');
});

test('no proof, or two, is refused', async () => {
  await assertChallenge(await get(`${server.resource}/profile`, token, { scheme: 'DPoP' }), 'invalid_dpop_proof');
  const proofs = [0, 1].map(() => prover.prove({ method: 'GET', url: `${server.resource}/profile`, token }));
  const headers = { DPoP: (await Promise.all(proofs)).join(', ') };
  await assertChallenge(await get(`${server.resource}/profile`, token, { scheme: 'DPoP', headers }), 'invalid_dpop_proof');
});

test('Ed25519 keys work as well', async () => {
  const key = await createProver('Ed25519');
  const { access_token: bound } = await signInWithProof(server, key);
  assert.equal((await getWithProof(key, `${server.resource}/profile`, bound)).status, 200);
});

test('with --dpop-nonce both servers demand a nonce of their own', async () => {
  const strict = await startServer('--dpop-nonce');
  try {
    const request = authorizationRequest(strict);
    const { callback } = await authorize(new Browser(), request, strict.accounts[0]);
    const tokenUrl = `${strict.issuer}/token`;
    const prove = async (claims) => ({ DPoP: await prover.prove({ method: 'POST', url: tokenUrl, claims }) });
    const refused = await redeem(strict, request, callback.get('code'), await prove());
    assert.equal(refused.status, 400);
    assert.equal(refused.body.error, 'use_dpop_nonce');
    assert.match(refused.headers.get('access-control-expose-headers'), /DPoP-Nonce/);
    const nonce = refused.headers.get('dpop-nonce');
    const { body } = await redeem(strict, request, callback.get('code'), await prove({ nonce }));

    const url = `${strict.resource}/profile`;
    const first = await getWithProof(prover, url, body.access_token);
    await assertChallenge(first, 'use_dpop_nonce');
    assert.match(first.headers.get('access-control-expose-headers'), /DPoP-Nonce/);
    const foreign = await getWithProof(prover, url, body.access_token, { claims: { nonce } });
    await assertChallenge(foreign, 'use_dpop_nonce');
    const claims = { nonce: first.headers.get('dpop-nonce') };
    assert.equal((await getWithProof(prover, url, body.access_token, { claims })).status, 200);

    const userinfo = `${strict.issuer}/me`;
    const asked = await getWithProof(prover, userinfo, body.access_token);
    assert.equal(asked.status, 401);
    assert.match(asked.headers.get('www-authenticate'), /^DPoP .*error="use_dpop_nonce"/);
    const given = { claims: { nonce: asked.headers.get('dpop-nonce') } };
    assert.equal((await getWithProof(prover, userinfo, body.access_token, given)).status, 200);
  } finally {
    await strict.stop();
  }
});

test('a pushed request may carry a proof, which binds the code to its key', async () => {
  const strict = await startServer('--dpop-nonce');
  try {
    const prove = async (key, path, claims) => ({
      DPoP: await key.prove({ method: 'POST', url: strict.issuer + path, claims }),
    });
    const refused = await push(strict, authorizationRequest(strict), await prove(prover, '/request'));
    assert.equal(refused.status, 400);
    assert.equal(refused.body.error, 'use_dpop_nonce');
    assert.match(refused.headers.get('access-control-expose-headers'), /DPoP-Nonce/);

    const claims = { nonce: refused.headers.get('dpop-nonce') };
    const redeemWith = async (key) => {
      const request = authorizationRequest(strict);
      const pushed = await push(strict, request, await prove(prover, '/request', claims));
      assert.equal(pushed.status, 201);
      const { callback } = await authorize(new Browser(), pushed, strict.accounts[0]);
      return redeem(strict, request, callback.get('code'), await prove(key, '/token', claims));
    };
    assert.equal((await redeemWith(prover)).body.token_type, 'DPoP');
    assert.equal((await redeemWith(await createProver())).body.error, 'invalid_grant');
  } finally {
    await strict.stop();
  }
});

test('with --no-dpop neither server knows it', async () => {
  const plain = await startServer('--no-dpop');
  try {
    const metadata = await (await fetch(`${plain.issuer}/.well-known/openid-configuration`)).json();
    assert.equal(metadata.dpop_signing_alg_values_supported, undefined);

    const request = authorizationRequest(plain);
    const { callback } = await authorize(new Browser(), request, plain.accounts[0]);
    const proof = await prover.prove({ method: 'POST', url: `${plain.issuer}/token` });
    const { body } = await redeem(plain, request, callback.get('code'), { DPoP: proof });
    assert.equal(body.token_type, 'Bearer');

    const url = `${plain.resource}/profile`;
    assert.equal((await get(url, body.access_token)).status, 200);
    assert.equal((await get(url)).headers.get('www-authenticate'), 'Bearer realm="resource server"');
    assert.equal((await getWithProof(prover, url, body.access_token)).status, 401);
  } finally {
    await plain.stop();
  }
});
