// What real providers send, by the number of its row in docs/rules.md. docs/differences.md has the table of
// what became of each.
import { CLAIMS, CLIENT_ID, HONEST, ISSUER, NOW, STATE, idToken, members, render, token } from './drafts.js';
import { jwk } from './keys.js';

/** All of them: row, words for the table, and the input. */
export function fieldCases() {
  return TABLE.map(([row, surface, words, change]) => {
    const draft = HONEST[surface]();
    change(draft);
    return { name: `${row} ${words}`, row, words, input: render(surface, draft) };
  });
}

/** Other members for those of an object's draft; `undefined` leaves one out. */
function put(list, changes) {
  const kept = list.filter(([name]) => !(name in changes));
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  return [...kept, ...members(Object.fromEntries(given))];
}

const claims = (changes) => ({ id_token }) => { id_token.claims = put(id_token.claims, changes); };
const header = (changes) => ({ id_token }) => { id_token.header = put(id_token.header, changes); };
const body = (changes) => ({ response }) => { response.members = put(response.members, changes); };
const keys = (...set) => (draft) => { draft.keys.members = members({ keys: set }); };
const all = (...changes) => (draft) => { for (const change of changes) change(draft); };
const binding = (value) => (draft) => { draft.binding = value; };

/** An answer in place of the honest one. */
function answers(status, object, more = {}) {
  return (draft) => {
    draft.id_token = undefined;
    Object.assign(draft.response, { status, members: members(object), ...more });
  };
}

/** The same, which is no JSON. */
function page(status, text) {
  return answers(status, {}, { content_type: 'text/html', mangles: [() => Buffer.from(text)] });
}

/** What stands in the page's address. */
const address = (parameters) => (draft) => { draft.parameters = Object.entries(parameters); };
const metadata = (changes) => (draft) => Object.assign(draft.metadata, changes);
const silent = metadata({ authorization_response_iss_parameter_supported: false });

/** The whole header. */
const challenge = (text) => (draft) => draft.mangles.push(() => text);

const without = ({ kid, ...key }) => key;
const many = Array.from({ length: 1001 }, (_, number) => `group-${number}`);

const TABLE = [
  ['F1', 'token', '`aud` of three, `azp` ours', claims({ aud: [CLIENT_ID, '280000000000000001', 'sibling'], azp: CLIENT_ID })],
  ['F1', 'token', '`aud` of two, no `azp`', claims({ aud: [CLIENT_ID, 'sibling'] })],
  ['F1', 'token', '`aud` of two, `azp` the other', claims({ aud: [CLIENT_ID, 'sibling'], azp: 'sibling' })],
  ['F2', 'refresh', 'another `auth_time`', claims({ auth_time: NOW - 5 })],
  ['F3', 'refresh', 'an algorithm that was not announced', metadata({ id_token_signing_alg_values_supported: ['RS256'] })],
  ['F4', 'token', '1,001 `groups` in the ID token', claims({ groups: many })],
  ['F4', 'userinfo', '1,001 `groups` in userinfo', body({ groups: many })],
  ['F4', 'discovery', '1,001 `scopes_supported`', body({ scopes_supported: many })],
  ['F5', 'token', 'roles, groups, objects', claims({ roles: ['editor'], groups: [], tid: 't', realm_access: { roles: ['admin'] } })],
  ['F6', 'userinfo', '401, challenge hidden', answers(401, {})],
  ['F7', 'discovery', 'no userinfo endpoint', body({ userinfo_endpoint: undefined })],
  ['F8', 'userinfo', '`email_verified` as text', body({ email_verified: 'true' })],
  ['F8', 'userinfo', '`sub` as a number', (draft) => {
    draft.original = token(idToken({ ...CLAIMS, sub: '248289761001' }));
    body({ sub: 248_289_761_001 })(draft);
  }],
  ['F8', 'userinfo', '`sub` as another number', (draft) => {
    draft.original = token(idToken({ ...CLAIMS, sub: '248289761001' }));
    body({ sub: 248_289_761_002 })(draft);
  }],
  ['F8', 'token', '`expires_in` as text', body({ expires_in: '3600' })],
  ['F8', 'token', '`expires_in` as a word', body({ expires_in: 'soon' })],
  ['F10', 'challenge', 'a bearer API refuses a bound token', challenge('Bearer realm="api"')],
  ['F11', 'token', 'Bearer in answer to a proof', binding('offered')],
  ['F11', 'token', 'the same, binding required', binding('required')],
  ['F13', 'par', '401 `invalid_client`', answers(401, { error: 'invalid_client' })],
  ['F13', 'par', '404, a page', page(404, '<!DOCTYPE html>')],
  ['F14', 'token', '`acr_values` as a hint, no `acr`', (draft) => { draft.acr_hint = 'tenant:shop'; }],
  ['F15', 'refresh', '400 `interaction_required`', answers(400, { error: 'interaction_required' })],
  ['F16', 'refresh', '401 `invalid_request`', answers(401, { error: 'invalid_request', hint: 'Token has been revoked' })],
  ['F17', 'refresh', '400 `invalid_grant`', answers(400, { error: 'invalid_grant' })],
  ['F18', 'refresh', '503', answers(503, {})],
  ['F19', 'authorization', 'an error without `state`', address({ error: 'access_denied', error_description: 'No' })],
  ['F20', 'authorization', 'code and state of another integration', address({ code: 'abc', state: 'xyz' })],
  ['F21', 'authorization', '`?code=SPRING`', address({ code: 'SPRING' })],
  ['F22', 'authorization', 'the right state alone', address({ state: STATE, iss: ISSUER })],
  ['F23', 'authorization', 'an error without the `iss` that was promised', address({ error: 'login_required', state: STATE })],
  ['F33', 'token', 'a proof that is not active', all(binding('offered'), answers(400, {
    error: 'invalid_request', error_description: 'DPoP proof is not active',
  }))],
  ['F35', 'token', '`aud` with `account`, `azp` ours', claims({ aud: [CLIENT_ID, 'account'], azp: CLIENT_ID })],
  ['F37', 'refresh', '400 `unauthorized_client`', answers(400, { error: 'unauthorized_client' })],
  ['F37', 'refresh', '401 `invalid_client`', answers(401, { error: 'invalid_client' })],
  ['F37', 'refresh', '400, empty', page(400, '')],
  ['F38', 'token', 'no refresh token', body({ refresh_token: undefined })],
  ['F40', 'userinfo', 'somebody else', body({ sub: 'somebody-else' })],
  ['F44', 'refresh', 'Bearer for a bound refresh token', binding('offered')],
  ['F45', 'discovery', 'no page to sign out at', body({ end_session_endpoint: undefined })],
  ['F47', 'authorization', 'a code without the `iss` that was promised', address({ code: 'code', state: STATE })],
  ['F47', 'authorization', 'the same, where nobody promised it', all(silent, address({ code: 'code', state: STATE }))],
  ['F48', 'token', 'no `token_type`', body({ token_type: undefined })],
  ['F48', 'token', 'the same, binding required', all(binding('required'), body({ token_type: undefined }))],
  ['F50', 'discovery', 'another issuer', body({ issuer: 'https://other.example' })],
  ['F53', 'token', 'a clock that is twelve minutes slow', claims({ iat: NOW + 720, exp: NOW + 1020 })],
  ['F53', 'token', 'a clock that is an hour fast', claims({ iat: NOW - 3600, exp: NOW - 3300 })],
  ['F54', 'userinfo', '401, `Bearer`', answers(401, {}, { www_authenticate: 'Bearer' })],
  ['F55', 'token', '`invalid_dpop_proof`', all(binding('offered'), answers(400, { error: 'invalid_dpop_proof' }))],
  ['F58', 'discovery', '`openid` alone, secrets alone', body({
    scopes_supported: ['openid'], token_endpoint_auth_methods_supported: ['client_secret_basic'],
  })],
  ['F58', 'userinfo', '`sub` alone', body({ name: undefined })],
  ['–', 'token', '`typ` is `jwt`', header({ typ: 'jwt' })],
  ['–', 'token', '`typ` is `application/jwt`', header({ typ: 'application/jwt' })],
  ['–', 'token', 'no `typ`', header({ typ: undefined })],
  ['–', 'token', 'the only key has no name', keys(without(jwk('p256')))],
  ['–', 'token', 'no name in token and key', all(header({ kid: undefined }), keys(without(jwk('p256'))))],
  ['–', 'token', 'keys of kinds, curves and algorithms to come', keys(
    { kty: 'AKP', kid: 'new', alg: 'ML-DSA-44', pub: 'AQ' }, { kty: 'EC', kid: 'c', crv: 'P-1024', x: 'AQ', y: 'AQ' },
    { ...jwk('rsa'), kid: 'a', alg: 'RS1024' }, jwk('p256'),
  )],
  ['–', 'token', '`at_hash` of another token', claims({ at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' })],
  ['–', 'refresh', '`at_hash` of another token', claims({ at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' })],
  ['–', 'refresh', 'no ID token', (draft) => { draft.id_token = undefined; }],
  ['–', 'refresh', '`"id_token": null`', all((draft) => { draft.id_token = undefined; }, body({ id_token: null }))],
  ['–', 'token', '`"refresh_token": null`', body({ refresh_token: null })],
  ['–', 'token', '`"refresh_token": ""`', body({ refresh_token: '' })],
  ['–', 'token', '`"scope": null`', body({ scope: null })],
  ['–', 'token', '`"auth_time": null`', claims({ auth_time: null })],
  ['–', 'userinfo', '`name` and `picture` null and empty', body({ name: null, picture: '' })],
  ['–', 'discovery', '`"userinfo_endpoint": null`', body({ userinfo_endpoint: null })],
  ['–', 'discovery', '`"revocation_endpoint": ""`', body({ revocation_endpoint: '' })],
  ['–', 'discovery', 'a logout endpoint that is no URL', body({ end_session_endpoint: 'not configured' })],
  ['–', 'discovery', 'a PAR endpoint without TLS', body({ pushed_authorization_request_endpoint: 'http://id.example/par' })],
  ['–', 'discovery', 'a token endpoint without TLS', body({ token_endpoint: 'http://id.example/token' })],
];
