// DPoP proofs at the resource server (RFC 9449). A proof shows that the caller holds the key that
// the access token is bound to.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';

export const DPOP_ALGORITHMS = ['ES256', 'Ed25519', 'EdDSA'];

const PROOF_WINDOW_SECONDS = 300;
const NONCE_PERIOD_SECONDS = 60;
const PRIVATE_JWK_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/** A proof that does not hold; `code` is the `error` of the challenge (RFC 9449 §7.1 and §9). */
export class ProofError extends Error {
  constructor(message, code = 'invalid_dpop_proof') {
    super(message);
    this.code = code;
  }
}

/**
 * Returns an async function that checks one proof against one request (RFC 9449 §4.3) and answers
 * with the thumbprint of the proof's key.
 */
export function createProofChecker({ nonces }) {
  const seen = createReplayGuard();

  return async function checkProof({ proofs, method, url, accessToken }) {
    if (proofs.length !== 1) throw new ProofError('there must be exactly one DPoP header');
    const { payload, protectedHeader } = await verifySignature(proofs[0]);

    requireEqual(payload.htm, method, 'htm is not the method of this request');
    requireEqual(withoutQuery(payload.htu), withoutQuery(url), 'htu is not the URI of this request');
    requireEqual(payload.ath, sha256(accessToken), 'ath is not the hash of the access token');
    checkNonce(payload.nonce, nonces);
    checkIssuedAt(payload.iat);

    const thumbprint = await calculateJwkThumbprint(protectedHeader.jwk);
    checkIdentifier(payload.jti, thumbprint, seen);
    return thumbprint;
  };
}

/** Nonces that any process could check without memory: a keyed hash of the current minute. */
export function createNonces(secret = randomBytes(32)) {
  const nonceOf = (period) => createHmac('sha256', secret).update(String(period)).digest('base64url');
  const period = () => Math.floor(Date.now() / 1000 / NONCE_PERIOD_SECONDS);
  return {
    current: () => nonceOf(period()),
    accepts: (nonce) => [0, 1, 2].some((age) => sameText(nonce, nonceOf(period() - age))),
  };
}

async function verifySignature(proof) {
  try {
    return await jwtVerify(proof, publicKeyOfProof, { algorithms: DPOP_ALGORITHMS, typ: 'dpop+jwt' });
  } catch (error) {
    if (error instanceof ProofError) throw error;
    throw new ProofError('the proof is not a JWT of type dpop+jwt signed by its own key');
  }
}

function publicKeyOfProof(header, token) {
  const members = Object.keys(header.jwk ?? {});
  if (members.some((member) => PRIVATE_JWK_MEMBERS.includes(member))) {
    throw new ProofError('the jwk of the proof must be a public key');
  }
  return EmbeddedJWK(header, token);
}

function checkNonce(nonce, nonces) {
  if (!nonces) {
    if (nonce !== undefined) throw new ProofError('this server gave no nonce');
    return;
  }
  if (typeof nonce !== 'string' || !nonces.accepts(nonce)) {
    throw new ProofError('the proof needs the nonce of this server', 'use_dpop_nonce');
  }
}

function checkIssuedAt(issuedAt) {
  const age = Date.now() / 1000 - issuedAt;
  if (typeof issuedAt === 'number' && Math.abs(age) <= PROOF_WINDOW_SECONDS) return;
  throw new ProofError('iat is missing or not recent');
}

function checkIdentifier(identifier, thumbprint, seen) {
  if (typeof identifier !== 'string' || !identifier) throw new ProofError('jti is missing');
  if (!seen.isNew(`${thumbprint} ${identifier}`)) throw new ProofError('the proof was used before');
}

function createReplayGuard() {
  const expiries = new Map();
  return {
    isNew(key) {
      const now = Date.now();
      // Oldest first, so the expired ones are all in front. A proof from the future lives twice the window.
      for (const [old, expiry] of expiries) {
        if (expiry > now) break;
        expiries.delete(old);
      }
      if (expiries.has(key)) return false;
      expiries.set(key, now + 2 * PROOF_WINDOW_SECONDS * 1000);
      return true;
    },
  };
}

function withoutQuery(uri) {
  if (typeof uri !== 'string' || !URL.canParse(uri)) return undefined;
  const url = new URL(uri);
  url.search = '';
  url.hash = '';
  return url.href;
}

function requireEqual(actual, expected, message) {
  if (actual === undefined || actual !== expected) throw new ProofError(message);
}

function sha256(text) {
  return createHash('sha256').update(text).digest('base64url');
}

function sameText(left, right) {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
