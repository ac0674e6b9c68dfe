// The resource server: an API on its own origin that looks at nothing but the access token.
import { DPOP_ALGORITHMS, ProofError } from './dpop.js';
import { describeRequest, targetOf } from './record.js';
import { isMeantFor, SCOPE_OF } from './resources.js';
import { TWO_FACTOR } from './second-factor.js';

const REALM = 'resource server';
const DPOP_ALGS = `algs="${DPOP_ALGORITHMS.join(' ')}"`;
const OFFER_OF = {
  Bearer: `Bearer realm="${REALM}"`,
  DPoP: `DPoP realm="${REALM}", ${DPOP_ALGS}`,
};

// What each path gives.
const ANSWERS = {
  '/profile': profileOf,
  '/mail': (person) => ({ mails: person.mails }),
  '/vault': (person) => ({ owner: person.claims.name, kept: ['a ring', 'a letter'] }),
};

/** A request that gets no answer: the status and, for 401 and 403, the challenge. */
class Refusal extends Error {
  constructor(status, code, message, { challenge, scheme, parameters = [] } = {}) {
    super(message);
    Object.assign(this, { status, code, challenge, scheme, parameters });
  }
}

/** Returns the request handler of the resource server at the origin `resource`; without `checkProof` it knows no DPoP. */
export function createResourceServer({ resource, accounts, readToken, checkProof, nonces, origins, vaultMaxAge, record }) {
  const allowedOrigins = new Set(origins);
  const { port } = new URL(resource);
  const schemes = checkProof ? ['Bearer', 'DPoP'] : ['Bearer'];

  return async function handle(request, response) {
    setCommonHeaders(request, response, allowedOrigins);
    if (nonces && 'dpop' in request.headers) response.setHeader('DPoP-Nonce', nonces.current());
    const answer = await answerTo(request).catch(refuse);
    record(describeRequest({ request, port: Number(port), status: answer.status }));
    send(response, answer);
  };

  async function answerTo(request) {
    const { path } = targetOf(request);
    const scope = SCOPE_OF.get(path);
    if (!scope) throw new Refusal(404, 'not_found', 'There is nothing at this path.');
    if (request.method === 'OPTIONS') return { status: 204, headers: { Allow: 'GET, OPTIONS' } };
    if (request.method !== 'GET') throw new Refusal(405, 'method_not_allowed', 'Only GET works here.');

    const { scheme, token } = credentialsOf(request, schemes);
    const grant = await authenticate(request, scheme, token);
    if (!isMeantFor(grant.audience, resource, path)) {
      throw invalidToken(scheme, 'The access token is meant for another resource.');
    }
    if (!grant.scopes.has(scope)) throw insufficientScope(scheme, scope);
    if (path === '/vault') requireTwoFactor(scheme, grant);
    return { status: 200, body: ANSWERS[path](accounts.bySubject(grant.sub)) };
  }

  async function authenticate(request, scheme, token) {
    const grant = await readToken(token);
    if (!grant || !accounts.bySubject(grant.sub)) {
      throw invalidToken(scheme, 'The access token is unknown, expired or revoked.');
    }
    if (scheme === 'DPoP') {
      await requireProof(request, token, grant);
    } else if (grant.jkt) {
      // RFC 9449 §7.2: a bound token must not work without its key.
      throw invalidToken(scheme, 'The access token is bound to a key and needs a DPoP proof.');
    }
    return grant;
  }

  // RFC 9470 §3: the challenge says what a new sign-in must be like.
  function requireTwoFactor(scheme, { acr, authTime }) {
    const age = Math.floor(Date.now() / 1000) - authTime;
    if (acr === TWO_FACTOR && age <= vaultMaxAge) return;
    const message = acr === TWO_FACTOR ? 'The sign-in is too long ago.' : 'A sign-in with a second factor is needed.';
    throw new Refusal(401, 'insufficient_user_authentication', message, {
      challenge: 'error',
      scheme,
      parameters: [`acr_values="${TWO_FACTOR}"`, `max_age="${vaultMaxAge}"`],
    });
  }

  async function requireProof(request, token, grant) {
    if (!grant.jkt) throw invalidToken('DPoP', 'The access token is not bound to a key.');
    const thumbprint = await checkProof({
      proofs: headerValues(request, 'dpop'),
      method: request.method,
      url: resource + targetOf(request).path,
      accessToken: token,
    });
    if (thumbprint !== grant.jkt) throw invalidToken('DPoP', 'The proof is signed by another key.');
  }

  function refuse(error) {
    if (error instanceof ProofError) return refuse(invalidProof(error));
    if (!(error instanceof Refusal)) {
      console.error('resource server:', error);
      return refuse(new Refusal(500, 'server_error', 'The resource server failed.'));
    }
    return {
      status: error.status,
      headers: {
        ...(error.challenge ? { 'WWW-Authenticate': challengeOf(error, schemes) } : {}),
        ...(error.status === 405 ? { Allow: 'GET, OPTIONS' } : {}),
      },
      body: { error: error.code, error_description: error.message },
    };
  }
}

/** Reads the one way that this server takes a token: the Authorization header (RFC 6750 §2.1). */
function credentialsOf(request, schemes) {
  const values = headerValues(request, 'authorization');
  const [, name, token] = /^(\S+)(?: +(.*))?$/.exec(values[0] ?? '') ?? [];
  const scheme = schemes.find((known) => known.toLowerCase() === name?.toLowerCase());
  if (!scheme) {
    // RFC 6750 §3.1: without any authentication, the challenge carries no error.
    throw new Refusal(401, 'unauthorized', 'An access token is needed.', { challenge: 'plain' });
  }
  const inQuery = targetOf(request).query.has('access_token');
  if (values.length > 1 || inQuery || !/^[\w.~+/-]+=*$/.test(token ?? '')) {
    throw new Refusal(400, 'invalid_request', 'The access token must be given once, in the Authorization header.', { challenge: 'error', scheme });
  }
  return { scheme, token };
}

function invalidToken(scheme, message) {
  return new Refusal(401, 'invalid_token', message, { challenge: 'error', scheme });
}

function invalidProof(error) {
  return new Refusal(401, error.code, error.message, { challenge: 'error', scheme: 'DPoP' });
}

function insufficientScope(scheme, scope) {
  return new Refusal(403, 'insufficient_scope', `The access token lacks the scope ${scope}.`, {
    challenge: 'error', scheme, parameters: [`scope="${scope}"`],
  });
}

// RFC 6750 §3 and RFC 9449 §7.1. Without a token all schemes are offered; with one, the scheme
// that was used is told what is wrong, and a Bearer caller hears of DPoP as well.
function challengeOf({ challenge, scheme, code, message, parameters }, schemes) {
  if (challenge === 'plain') return schemes.map((known) => OFFER_OF[known]).join(', ');
  const all = [
    `realm="${REALM}"`,
    `error="${code}"`,
    `error_description="${message}"`,
    ...parameters,
    ...(scheme === 'DPoP' ? [DPOP_ALGS] : []),
  ];
  return `${scheme} ${all.join(', ')}`;
}

function setCommonHeaders(request, response, allowedOrigins) {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Vary', 'Origin');
  const { origin } = request.headers;
  if (!allowedOrigins.has(origin)) return;
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Expose-Headers', 'WWW-Authenticate, DPoP-Nonce');
  if (request.method !== 'OPTIONS') return;
  response.setHeader('Access-Control-Allow-Methods', 'GET');
  response.setHeader('Access-Control-Allow-Headers', 'Authorization, DPoP, Content-Type');
  response.setHeader('Access-Control-Max-Age', '600');
}

function send(response, { status, headers = {}, body }) {
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  response.writeHead(status, { ...headers, 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

function profileOf({ sub, claims }) {
  const profile = { sub, ...claims };
  delete profile.email;
  delete profile.email_verified;
  return profile;
}

function headerValues(request, name) {
  return request.headersDistinct[name] ?? [];
}
