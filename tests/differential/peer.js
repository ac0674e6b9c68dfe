// What oauth4webapi says of an input, called as its documentation shows.
import * as oauth from 'oauth4webapi';
import { CLIENT_ID, ISSUER, NONCE, STATE, SUBJECT } from './drafts.js';

/** Both sides allow clocks to be off by the same. */
const CLIENT = { client_id: CLIENT_ID, [oauth.clockTolerance]: 660 };
const ENDPOINTS = [
  'userinfo_endpoint', 'jwks_uri', 'pushed_authorization_request_endpoint', 'revocation_endpoint',
  'end_session_endpoint',
];
const PARAMETERS = ['realm', 'error', 'error_description', 'scope', 'acr_values', 'max_age', 'algs'];
const SCHEMES = ['bearer', 'dpop', 'basic', 'digest'];

const SURFACES = { discovery, authorization, token, refresh, userinfo, par, challenge };

/** Its verdict: what it read, or why it refused. */
export async function ask(input) {
  try {
    return { accepted: true, read: await SURFACES[input.surface](input) };
  } catch (error) {
    return { accepted: false, code: error.code, about: error.message, said: error.error };
  }
}

async function discovery({ response }) {
  const server = await oauth.processDiscoveryResponse(new URL(ISSUER), http(response));
  const read = { issuer: server.issuer };
  // It checks endpoints when they are used, so all are used that are there.
  for (const name of ['authorization_endpoint', 'token_endpoint', ...ENDPOINTS]) {
    const isLeftOut = ENDPOINTS.includes(name) && (server[name] ?? null) === null;
    read[name] = isLeftOut ? null : oauth.resolveEndpoint(server, name, false, true).href;
  }
  return read;
}

async function authorization({ metadata, address }) {
  const parameters = oauth.validateAuthResponse(metadata, CLIENT, new URL(address), STATE);
  let code;
  const keepCode = (_url, { body }) => {
    code = body.get('code');
    return new Response();
  };
  // Whether there is a code, and one only, is looked at when it is spent.
  await oauth.authorizationCodeGrantRequest(
    metadata, CLIENT, oauth.None(), parameters, 'https://app.example/', 'v'.repeat(43), { [oauth.customFetch]: keepCode },
  );
  return { code };
}

async function token({ metadata, scope, max_age, response: given, keys }) {
  const response = http(given);
  const isOpenId = scope === 'openid';
  const options = isOpenId ? { expectedNonce: NONCE, requireIdToken: true, maxAge: max_age } : {};
  const tokens = await oauth.processAuthorizationCodeResponse(metadata, CLIENT, response, options);
  return brought(metadata, response, tokens, keys, scope);
}

async function refresh({ metadata, scope, response: given, keys }) {
  const response = http(given);
  const tokens = await oauth.processRefreshTokenResponse(metadata, CLIENT, response);
  const read = await brought(metadata, response, tokens, keys, scope);
  // To be compared by the caller, as its documentation says.
  if (read.sub !== null && read.sub !== SUBJECT) throw new Error('another subject');
  return read;
}

async function brought(metadata, response, tokens, keys, requested) {
  if (tokens.id_token !== undefined) {
    const options = { [oauth.customFetch]: () => http(keys) };
    await oauth.validateApplicationLevelSignature(metadata, response, options);
  }
  return {
    access_token: tokens.access_token,
    token_type: tokens.token_type,
    expires_in: tokens.expires_in ?? null,
    scope: [...new Set((tokens.scope ?? requested).split(' ').filter(Boolean))].join(' '),
    refresh_token: tokens.refresh_token ?? null,
    sub: oauth.getValidatedIdTokenClaims(tokens)?.sub ?? null,
  };
}

async function userinfo({ metadata, original, response }) {
  const { sub: expected } = JSON.parse(Buffer.from(original.split('.')[1], 'base64url'));
  const { sub } = await oauth.processUserInfoResponse(metadata, CLIENT, expected, http(response));
  return { sub };
}

async function par({ response }) {
  const server = { issuer: ISSUER };
  const { request_uri } = await oauth.processPushedAuthorizationResponse(server, CLIENT, http(response));
  return { request_uri };
}

async function challenge({ header }) {
  const response = new Response(null, { status: 401, headers: { 'WWW-Authenticate': header } });
  try {
    await oauth.processUserInfoResponse({ issuer: ISSUER }, CLIENT, SUBJECT, response);
  } catch (error) {
    if (error instanceof oauth.WWWAuthenticateChallengeError) return error.cause.map(challengeOf);
  }
  throw new Error('unreadable');
}

function challengeOf({ scheme, parameters }) {
  const read = PARAMETERS.filter((name) => Object.hasOwn(parameters, name)).map((name) => [name, parameters[name]]);
  return { scheme: SCHEMES.includes(scheme) ? scheme : 'other', ...Object.fromEntries(read) };
}

function http({ status, content_type, www_authenticate, body }) {
  const headers = new Headers();
  if (content_type) headers.set('Content-Type', content_type);
  if (www_authenticate) headers.set('WWW-Authenticate', www_authenticate);
  const bytes = Buffer.from(body, 'base64');
  return new Response(bytes.length > 0 ? bytes : null, { status, headers });
}
