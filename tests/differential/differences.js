// Where Pixy Login and oauth4webapi differ, and are meant to. docs/differences.md says why, under the
// same names. A difference that none of these explains fails the tests, and so does one that is gone.
import { CLIENT_ID, ISSUER, NOW } from './drafts.js';
import { hasNameTwice, isInteroperable, isOfUsualSize } from './json.js';

/** The endpoints that a sign-in can do without. */
const OPTIONAL = ['userinfo_endpoint', 'pushed_authorization_request_endpoint', 'revocation_endpoint', 'end_session_endpoint'];

/** What an error of the token endpoint is called here. */
const REFUSALS = ['token_request_refused', 'session_ended', 'interaction_required', 'renewal_refused'];

/** We refuse what it accepts. */
const REFUSED = {
  'issuer to the letter': ({ ours, body }) =>
    ours.code === 'discovery_issuer_mismatch' && body.issuer !== ISSUER && new URL(body.issuer).href === `${ISSUER}/`,
  'media type': ({ ours, input }) =>
    (isNamedOtherwise(ours) && mediaType(input.response) !== 'application/json')
    || (ours.code === 'keys_invalid' && !['application/json', 'application/jwk-set+json'].includes(mediaType(input.keys))),
  'JSON that readers read differently': ({ ours, texts }) =>
    isForm(ours) && texts.some(({ bytes }) => !isInteroperable(bytes)),
  'names that stand twice': ({ ours, texts }) => isForm(ours) && texts.some(({ text }) => hasNameTwice(text)),
  'answers that are too large': ({ ours, texts }) =>
    isForm(ours) && texts.some(({ text }) => !isOfUsualSize(JSON.parse(text))),
  'no code flow': ({ ours, body }) =>
    ours.code === 'discovery_invalid' && ours.about === 'response_types_supported' && !body[ours.about].includes('code'),
  'spelling of URLs': ({ ours, body }) =>
    ours.code === 'insecure_url' && Object.values(body).some((value) => URL.parse(value) && !isCanonical(value)),

  'empty error beside a code': ({ ours, parameters }) =>
    ours.code === 'code_and_error' && parameters.getAll('error').includes('') && parameters.has('code'),
  'characters of a code': ({ ours, parameters }) =>
    ours.code === 'code_missing' && /[^\x20-\x7e]/.test(parameters.get('code')),
  'parameters of other flows': ({ ours, parameters }) => ours.code === 'token_in_callback' && parameters.has(ours.about),
  'parameters of other flows, twice': ({ ours, parameters }) =>
    ours.code === 'duplicate_parameter' && parameters.getAll(ours.about).length > 1,
  'a second answer in the fragment': ({ ours, input }) =>
    ours.code === 'response_in_fragment' && /#.*(?:code|error|token|response)=/.test(input.address),

  'error beside a token': ({ ours, body }) =>
    (REFUSALS.includes(ours.code) || (ours.code === 'invalid_response' && ours.about === 'error'))
    && (body.error ?? null) !== null,
  'characters of an access token': ({ ours, body }) =>
    ours.code === 'invalid_response' && ours.about === 'access_token' && /[^\x21-\x7e]/.test(body.access_token),
  'characters of a scope': ({ ours, body }) =>
    ours.code === 'invalid_response' && ours.about === 'scope' && /[^\x20\x21\x23-\x5b\x5d-\x7e]/.test(body.scope),
  'another type of token than asked for': ({ ours, input, body }) =>
    (ours.code === 'dpop_downgrade' && input.binding === 'required' && /^bearer$/i.test(body.token_type))
    || (ours.code === 'unsupported_token_type' && !input.binding && /^dpop$/i.test(body.token_type)),

  'base64url': ({ ours, token, keys }) =>
    (ours.code === 'id_token_invalid' && token?.parts.some((part) => !isBase64url(part)))
    || (ours.code === 'signing_key_not_found' && keys.some(({ n }) => typeof n === 'string' && !isBase64url(n))),
  'kinds of JWT': ({ ours, token }) => isClaim(ours, 'typ') && !/^(?:application\/)?jwt$/i.test(token.header.typ),
  'b64': ({ ours, token }) => isClaim(ours, 'crit') && 'b64' in token.header,
  'subject': ({ ours, token }) => isClaim(ours, 'sub') && !/^[\0-\x7f]{1,255}$/.test(token.claims.sub),
  'authorized party': ({ ours, token }) => isClaim(ours, 'azp') && token.claims.azp !== CLIENT_ID,
  'time of issue': ({ ours, token }) =>
    isDate(ours, 'iat') && (token.claims.iat < NOW - 3600 || token.claims.iat > NOW + 660),
  'negative dates': ({ ours, token }) => isClaim(ours, ours.about) && token?.claims[ours.about] < 0,
  'fractions of a second, cut off': ({ ours, token }) => isDate(ours, 'exp') && !Number.isInteger(token.claims.exp),
  'hashes': ({ ours, token }) =>
    ['at_hash', 'c_hash', 's_hash'].some((name) => isClaim(ours, name) && (token.claims[name] ?? null) !== null),
  'age of the sign-in': ({ ours, input, token }) =>
    ours.code === 'authentication_insufficient'
    && (token.claims.auth_time < NOW - input.max_age - 5 || token.claims.auth_time > token.claims.iat + 5),
  'nonce at a refresh': ({ ours, input, token }) =>
    input.surface === 'refresh' && (ours.code === 'nonce_mismatch' || isClaim(ours, 'nonce')) && 'nonce' in token.claims,

  'keys that can sign': ({ ours, keys }) =>
    ours.code === 'signing_key_not_found' && keys.some((key) => ['d', 'k', 'p', 'q'].some((name) => name in key)),
  'members of a key of a wrong type': ({ ours, keys }) =>
    ours.code === 'signing_key_not_found' && keys.some((key) => typeof key.key_ops === 'string'),

  'references that run out': ({ ours, input, body }) =>
    input.surface === 'par' && ours.about === 'expires_in' && !(Number.isInteger(body.expires_in) && body.expires_in > 0),
  'whole numbers written as fractions': ({ ours, input, texts }) =>
    input.surface === 'par' && ours.about === 'expires_in' && /"expires_in"\s*:\s*\d+(?:\.\d+|e\d+|\d{17,})/i.test(texts[0].text),
  'spaces of other scripts': ({ ours, input }) =>
    input.surface === 'challenge' && ours.code === 'invalid_response' && /^[\s,]*[\u0085\u00a0]/.test(input.header),
  'references of another kind': ({ ours, body }) =>
    ours.about === 'request_uri' && !/^(?:urn|https):[\x21-\x7e]*$/.test(body.request_uri),
};

/** We accept what it refuses. */
const ACCEPTED = {
  'hosts that no browser calls': ({ theirs, body }) =>
    theirs.code === 'OAUTH_INVALID_SERVER_METADATA'
    && Object.values(body).some((value) => /^https:\/\/[a-z0-9.-]*xn--/i.test(value) && !URL.parse(value)),
  'unknown parameters': ({ theirs, parameters }) =>
    /implicit and hybrid flows|"token" parameter/.test(theirs.about) && parameters.has('token') && !parameters.has('id_token'),
  'null': ({ theirs, body, token, keys }) =>
    [body, token?.claims, token?.header, ...(keys ?? [])].some((object) =>
      Object.entries(object ?? {}).some(([name, value]) => value === null && isAbout(theirs, name))),
  'empty refresh token': ({ theirs, body }) => /"refresh_token".*must not be empty/.test(theirs.about) && body.refresh_token === '',
  'ID token that nobody asked for': ({ input, theirs, body }) =>
    input.scope === 'profile' && 'id_token' in body && /JWT|JWS|ID Token|"id_token"|key/.test(theirs.about),
  'key sets with what is no key': ({ theirs, keys }) =>
    /JWK formatted objects/.test(theirs.about) && keys.some((key) => typeof key !== 'object' || key === null || Array.isArray(key)),
  'a number that names the person': ({ input, theirs, body }) =>
    input.surface === 'userinfo' && isAbout(theirs, 'sub') && typeof body.sub === 'number',
  'optional endpoints': ({ ours, body }) =>
    body.jwks_uri === '' || OPTIONAL.some((name) => isLeftOut(ours, body, name)),
  'no type of token': ({ theirs, body }) => isAbout(theirs, 'token_type') && (body.token_type ?? null) === null,
  'a life that is none': ({ ours, theirs }) => isAbout(theirs, 'expires_in') && ours.read.expires_in === null,
  'optional members of a token answer': ({ theirs, body }) =>
    body.id_token === ''
    || ['refresh_token', 'id_token'].some((name) => isAbout(theirs, name) && typeof body[name] !== 'string'),
  'optional claims': ({ theirs, token }) =>
    ['auth_time', 'nbf'].some((name) => isAbout(theirs, name) && !(typeof token?.claims[name] === 'number' && token.claims[name] >= 0)),
  'a key without a name': ({ theirs, keys }) =>
    theirs.code === 'OAUTH_KEY_SELECTION_FAILED' && keys.some((key) => (key?.kid ?? null) === null),
  'several keys': ({ theirs, keys }) => /multiple applicable keys/.test(theirs.about) && keys.length > 1,
  'two names of Ed25519': ({ input, token }) =>
    ['EdDSA', 'Ed25519'].includes(token?.header.alg)
    && ['EdDSA', 'Ed25519'].includes(input.metadata.id_token_signing_alg_values_supported[0]),
  'the same audience twice': ({ theirs, token }) =>
    /additional untrusted audiences/.test(theirs.about) && token.claims.aud.every((audience) => audience === CLIENT_ID),
  'half a second too early': ({ theirs, token }) => /"nbf"/.test(theirs.about) && token.claims.nbf < NOW + 661,
  'challenge beside a success': ({ theirs, input }) =>
    theirs.code === 'OAUTH_WWW_AUTHENTICATE_CHALLENGE' && input.response.status === 200,
  'headers that break off': ({ theirs, input, ours }) =>
    theirs.about === 'unreadable' && ours.read.every(({ scheme, ...read }) =>
      Object.values(read).every((value) => input.header.replaceAll('\\', '').includes(value.replaceAll('\\', '')))),
};

/** Both accept, and read something else. */
const READ = {
  'shorter life': ({ ours, theirs }) =>
    onlyDiffer(ours, theirs, ['expires_in']) && ours.read.expires_in === Math.min(Math.trunc(theirs.read.expires_in), 31_536_000),
  'optional endpoints in another spelling': ({ ours, theirs, body }) =>
    onlyDiffer(ours, theirs, OPTIONAL) && OPTIONAL.some((name) => isLeftOut(ours, body, name)),
  'numbers as text': ({ ours, theirs, body }) =>
    onlyDiffer(ours, theirs, ['expires_in']) && ours.read.expires_in === null && typeof body.expires_in !== 'number',
  'parameters that stand twice': ({ ours, theirs, input }) =>
    ours.read.length === theirs.read.length && ours.read.every((challenge, index) =>
      Object.entries(theirs.read[index]).every(([name, value]) => challenge[name] === value || stands(input.header, name) > 1)),
  'spaces of other scripts': ({ input }) => /[\u0085\u00a0]/.test(input.header),
  'challenges without a comma between': ({ input }) => /[\w=]\s+[\w-]+\s+\w/.test(input.header),
};

export const DIFFERENCES = { refused: REFUSED, accepted: ACCEPTED, read: READ };

/** The parts of a case that the rules above ask for. */
export function partsOf({ input, ours, theirs }) {
  const body = parsed(input.response);
  const token = typeof body?.id_token === 'string' ? tokenOf(body.id_token) : undefined;
  const documents = [input.response, input.keys].filter(Boolean).map(({ body: text }) => Buffer.from(text, 'base64'));
  const parts = token ? token.parts.slice(0, 2).map((part) => Buffer.from(part, 'base64')) : [];
  const texts = [...documents, ...parts].map((bytes) => ({ bytes, text: bytes.toString().replace(/^\ufeff+/, '') }));
  return {
    input, ours, theirs, body, token, keys: parsed(input.keys)?.keys,
    texts: texts.filter(({ text }) => parse(text) !== undefined),
    parameters: input.address && new URL(input.address).searchParams,
  };
}

function tokenOf(text) {
  const parts = text.split('.');
  const [header, claims] = parts.map((part) => parse(Buffer.from(part, 'base64').toString().replace(/^\ufeff+/, '')));
  return { parts, header: header ?? {}, claims: claims ?? {} };
}

function parsed(response) {
  return response && parse(Buffer.from(response.body, 'base64').toString().replace(/^\ufeff+/, ''));
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function mediaType({ content_type: type }) {
  return type?.split(';')[0].trim().toLowerCase();
}

/** Whether we refused the form of a document, and not what it says. */
function isForm({ code, about }) {
  if (code === 'id_token_invalid') return about === 'header' || about === 'claims';
  const documents = ['document', 'token endpoint', 'profile', 'discovery document', 'byte order mark', null];
  return ['not_json', 'keys_invalid', 'discovery_invalid', 'invalid_response'].includes(code) && documents.includes(about);
}

/** Whether we refused JSON, or what is none, for its media type. */
function isNamedOtherwise({ code, about }) {
  return code === 'not_json' || (about === 'Content-Type' && ['invalid_response', 'discovery_invalid'].includes(code));
}

function isClaim({ code, about }, name) {
  return code === 'id_token_invalid' && about === name;
}

/** Whether we read as left out what stands there. */
function isLeftOut({ read }, body, name) {
  return read[name] === null && (body[name] ?? null) !== null;
}

/** A date of the ID token that fits no clock. */
function isDate({ code, about }, name) {
  return code === 'clock_wrong' && about === name;
}

/** What the peer complains of is this member; a key without what it asks for is not found. */
function isAbout({ about, code }, name) {
  const ofKey = ['kid', 'use', 'key_ops', 'alg'].includes(name) && code === 'OAUTH_KEY_SELECTION_FAILED';
  return ofKey || about.includes(`"${name}"`);
}

function isOfType(name, value) {
  const isFlag = /^(?:authorization_response_iss|require_pushed)/.test(name);
  if (isFlag) return typeof value === 'boolean';
  if (name.endsWith('_supported')) return Array.isArray(value) && value.every((item) => typeof item === 'string');
  return typeof value === 'string';
}

/** Whether the browser would write the URL just so, and may send to it what it stands for. */
function isCanonical(text) {
  const url = new URL(text);
  const isSame = text === url.href || `${text}/` === url.href;
  return isSame && !url.username && !text.includes('#') && url.hostname.split('.').every(Boolean) && !/[|^{}`'";,=&+!$*()~]/.test(text);
}

function isPlainHttp(value) {
  return typeof value === 'string' && URL.parse(value)?.protocol === 'http:';
}

/** In the one spelling without padding, spare bits or foreign letters (RFC 7515 section 2). */
function isBase64url(part) {
  return Buffer.from(part, 'base64url').toString('base64url') === part;
}

function onlyDiffer(ours, theirs, names) {
  return Object.keys(ours.read).every((name) => names.includes(name) || ours.read[name] === theirs.read[name]);
}

function stands(header, name) {
  return header.toLowerCase().split(new RegExp(`(?<![\\w-])${name}\\s*=`)).length - 1;
}
