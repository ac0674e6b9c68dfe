// Honest inputs as drafts, whose parts can be changed one by one, and what goes over the wire of them.
//
// JSON objects are lists of [name, JSON text], so that a name can stand twice and a value be no JSON.
import { jwk, sign } from './keys.js';

export const ISSUER = 'https://id.example';
export const CLIENT_ID = 'my-app';
export const REDIRECT_URI = 'https://app.example/shop/callback.html';
/** 32 bytes of 1 and of 2, as in fuzz/src/lib.rs. */
export const STATE = 'AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE';
export const NONCE = 'AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI';
export const NOW = 1_800_000_000;
export const SUBJECT = 'person';

const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  userinfo_endpoint: `${ISSUER}/me`,
  jwks_uri: `${ISSUER}/jwks`,
  pushed_authorization_request_endpoint: `${ISSUER}/par`,
  revocation_endpoint: `${ISSUER}/revoke`,
  response_types_supported: ['code'],
  code_challenge_methods_supported: ['S256'],
  id_token_signing_alg_values_supported: ['ES256'],
  authorization_response_iss_parameter_supported: true,
};

const TOKENS = {
  access_token: 'access-token', token_type: 'Bearer', expires_in: 3600, scope: 'openid', refresh_token: 'refresh-token',
};

export const CLAIMS = {
  iss: ISSUER, sub: SUBJECT, aud: CLIENT_ID, exp: NOW + 300, iat: NOW, nonce: NONCE, auth_time: NOW - 10,
};

/** The members of an object. */
export function members(object) {
  return Object.entries(object).map(([name, value]) => [name, JSON.stringify(value)]);
}

function answer(object, status = 200) {
  return { status, content_type: 'application/json', members: members(object), mangles: [] };
}

/** The draft of an ID token. */
export function idToken(claims = CLAIMS) {
  return { key: 'p256', header: members({ alg: 'ES256', kid: 'p256', typ: 'JWT' }), claims: members(claims), mangles: [] };
}

const keys = () => answer({ keys: [jwk('p256'), jwk('rsa')] });

/** An honest draft of each surface. */
export const HONEST = {
  discovery: () => ({ response: answer(METADATA) }),
  authorization: () => ({
    metadata: { ...METADATA },
    parameters: [['code', 'code'], ['state', STATE], ['iss', ISSUER]],
    separator: '?',
    mangles: [],
  }),
  token: () => ({
    metadata: { ...METADATA }, scope: 'openid', response: answer(TOKENS), id_token: idToken(), keys: keys(),
  }),
  refresh: () => ({
    metadata: { ...METADATA }, scope: 'openid', response: answer(TOKENS), id_token: idToken(), keys: keys(),
    original: token(idToken()),
  }),
  userinfo: () => ({
    metadata: { ...METADATA }, response: answer({ sub: SUBJECT, name: 'Person' }), original: token(idToken()),
  }),
  par: () => ({ response: answer({ request_uri: 'urn:ietf:params:oauth:request_uri:abc', expires_in: 60 }, 201) }),
  challenge: () => ({
    scheme: 'Bearer',
    parameters: ['realm="mail"', 'error="insufficient_scope"', 'scope="mail read"'],
    separator: ', ',
    mangles: [],
  }),
};

/** The input of a draft, as both sides get it. */
export function render(surface, draft) {
  const { metadata, scope, max_age, acr_hint, binding, original } = draft;
  const input = { surface, metadata, scope, max_age, acr_hint, binding, original };
  if (surface === 'authorization') return { ...input, address: address(draft) };
  if (surface === 'challenge') return { ...input, header: header(draft) };
  const response = draft.id_token ? withToken(draft.response, draft.id_token) : draft.response;
  return { ...input, response: http(response), keys: draft.keys && http(draft.keys) };
}

/** The JSON text of an object. */
export function object(list) {
  return `{${list.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
}

/** As the page's `location.href` shows it. */
function address({ parameters, separator, mangles }) {
  const encode = encodeURIComponent;
  const query = parameters.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  return new URL(REDIRECT_URI + separator + mangled(query, mangles)).href;
}

/** As the browser hands it on: without the spaces around it, and only what can stand in a header. */
function header({ scheme, parameters, separator, mangles }) {
  const text = mangled(`${scheme} ${parameters.join(separator)}`, mangles);
  return text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').replace(/^[\t ]+|[\t ]+$/g, '');
}

function withToken(response, draft) {
  return { ...response, members: [...response.members, ['id_token', JSON.stringify(token(draft))]] };
}

/** An ID token as it goes over the wire. */
export function token({ key, header: head, header_text, claims, claims_text, mangles }) {
  const encoded = (text) => Buffer.from(text).toString('base64url');
  const signed = `${encoded(header_text ?? object(head))}.${encoded(claims_text ?? object(claims))}`;
  const algorithm = head.find(([name]) => name === 'alg')?.[1]?.replaceAll('"', '');
  return mangled(`${signed}.${sign(key, algorithm, signed).toString('base64url')}`, mangles);
}

function http({ status, content_type, www_authenticate, members: list, text, mangles }) {
  let body = mangled(Buffer.from(text ?? object(list)), mangles);
  if (status === 204 || status === 304) body = Buffer.alloc(0);
  return { status, content_type, www_authenticate, body: Buffer.from(body).toString('base64') };
}

function mangled(thing, mangles) {
  return mangles.reduce((changed, mangle) => mangle(changed), thing);
}
