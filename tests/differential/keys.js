// The provider's keys, and what it takes to sign with them and to check what was signed. They are the
// same in each run, and public: nothing but these tests believes them.
import { constants, createHmac, createPrivateKey, createPublicKey, sign as signWith, verify as verifyWith } from 'node:crypto';
import { readFileSync } from 'node:fs';

const PRIVATE = JSON.parse(readFileSync(new URL('keys.json', import.meta.url), 'utf8'));
const signers = Object.fromEntries(
  Object.entries(PRIVATE).map(([name, key]) => [name, createPrivateKey({ key, format: 'jwk' })]),
);

/** A public key as JWK, with `kid` being its name here. */
export function jwk(name) {
  return { ...createPublicKey(signers[name]).export({ format: 'jwk' }), kid: name };
}

/** The private one, which no key set may hold. */
export function privateJwk(name) {
  return { ...PRIVATE[name], kid: name };
}

/** A signature by a named key; `hmac` is no key but the mistake of using public knowledge as one. */
export function sign(name, algorithm, text) {
  if (name === 'none') return Buffer.alloc(0);
  if (name === 'hmac') return createHmac('sha256', 'my-app').update(text).digest();
  const { hash, options } = scheme(signers[name], algorithm);
  return signWith(hash, Buffer.from(text), { key: signers[name], ...options });
}

const imported = new Map();

/** Whether the key, a JWK as text, made the signature. */
export function verify(key, algorithm, text, signature) {
  try {
    if (!imported.has(key)) imported.set(key, createPublicKey({ key: JSON.parse(key), format: 'jwk' }));
    const { hash, options } = scheme(imported.get(key), algorithm);
    return verifyWith(hash, Buffer.from(text), { key: imported.get(key), ...options }, signature);
  } catch {
    // What is no key has signed nothing.
    return false;
  }
}

function scheme(key, algorithm) {
  const bits = /^(?:[RPE]S)(256|384|512)$/.exec(algorithm)?.[1] ?? '256';
  const hash = `sha${bits}`;
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return { hash: null, options: {} };
    case 'ec':
      return { hash, options: { dsaEncoding: 'ieee-p1363' } };
    default:
      return algorithm?.startsWith('PS')
        ? { hash, options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: bits / 8 } }
        : { hash, options: { padding: constants.RSA_PKCS1_PADDING } };
  }
}
