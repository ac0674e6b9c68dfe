// The cases: every deviation from an honest input alone, pairs of them, and pseudo-random ones.
import { CLIENT_ID, HONEST, ISSUER, NOW, STATE, members, object, render } from './drafts.js';
import { jwk, privateJwk } from './keys.js';
import { SEED, garble, generator, pick } from './random.js';

export const SURFACES = Object.keys(HONEST);

/** How many pairs, and how many pseudo-random cases, of each surface. */
const PAIRS = 3000;
const MUTATIONS = 2000;

/** All cases of a surface: what was done to the honest input, and the input. */
export function casesOf(surface) {
  const random = generator(SEED);
  const deviations = DEVIATIONS[surface]();
  const singles = [{ name: 'honest', input: render(surface, HONEST[surface]()) }];
  for (const deviation of deviations) singles.push(caseOf(surface, [deviation]));
  return { singles, pairs: pairs(surface, deviations, random), mutations: mutations(surface, deviations, random) };
}

function caseOf(surface, deviations) {
  const draft = HONEST[surface]();
  for (const { change } of deviations) change(draft);
  return { name: deviations.map(({ name }) => name).join(' + '), input: render(surface, draft) };
}

/** Some of all pairs, of deviations that don't undo each other. */
function pairs(surface, deviations, random) {
  const found = new Map();
  const possible = (deviations.length * (deviations.length - 1)) / 2;
  for (let tries = 0; found.size < Math.min(PAIRS, possible / 2) && tries < 10 * PAIRS; tries += 1) {
    const [first, second] = [pick(random, deviations), pick(random, deviations)];
    if (first.place !== second.place) found.set(`${first.name}${second.name}`, [first, second]);
  }
  return [...found.values()].map((pair) => caseOf(surface, pair));
}

/** Garbled texts, half of them with a deviation or two before. */
function mutations(surface, deviations, random) {
  return Array.from({ length: MUTATIONS }, (_, number) => {
    const draft = HONEST[surface]();
    const some = Array.from({ length: Math.floor(random() * 3) }, () => pick(random, deviations));
    for (const { change } of some) change(draft);
    pick(random, GARBLED[surface])(draft, (text) => garble(random, random() < 0.3 ? garble(random, text) : text));
    const name = ['garbled', String(number), ...some.map((deviation) => deviation.name)].join(' + ');
    return { name, input: render(surface, draft) };
  });
}

const body = (of) => (draft, garbled) => {
  of(draft).text = garbled(of(draft).text ?? object(of(draft).members));
};
const ofToken = (name) => (draft, garbled) => {
  if (draft.id_token) draft.id_token[`${name}_text`] = garbled(object(draft.id_token[name]));
};
const whole = (draft, garbled) => draft.mangles.push(garbled);
const compact = (draft, garbled) => draft.id_token?.mangles.push(garbled);
const ofResponse = body((draft) => draft.response);
const ofKeys = body((draft) => draft.keys);
const tokenParts = [ofToken('header'), ofToken('claims'), ofToken('claims'), compact];

/** What of a draft can be garbled. Where an ID token is put in, the body's own text must stay open. */
const GARBLED = {
  discovery: [ofResponse],
  authorization: [whole],
  token: [...tokenParts, ofKeys, garbledMember],
  refresh: [...tokenParts, ofKeys, garbledMember],
  userinfo: [ofResponse],
  par: [ofResponse],
  challenge: [whole],
};

function garbledMember({ response }, garbled) {
  response.members = response.members.map(([name, value], index) => [name, index % 2 ? garbled(value) : value]);
}

// Deviations of JSON.

/** What no member should be, most of the time. */
const VALUES = [
  'null', 'true', 'false', '0', '1', '-1', '-0', '3.7', '0.2', '1e3', '1e308', '1e400', '9223372036854775808', 'NaN',
  '""', '" "',
  '"x"', '"é"', '"\\u0000"', '"\\ud800"', '"3600"', '"12abc"', '"3.7"', '"-1"', '" 5"', '[]', '["x"]', '[1]', '{}',
  '{"a":1}', '{"a":1,"a":2}',
];

const deviation = (place, name, change) => ({ place, name: `${place} ${name}`, change });

/** Replaces, removes and repeats a member, wherever its list is. */
function ofMember(place, name, listOf, values = []) {
  const at = `${place}.${name}`;
  const without = (list) => list.filter(([known]) => known !== name);
  const replace = (draft, change) => {
    const owner = listOf(draft);
    if (owner) change(owner);
  };
  const made = [...VALUES, ...values].map((value) =>
    deviation(at, `is ${value}`, (draft) => replace(draft, (owner) => owner.set([...without(owner.get()), [name, value]]))));
  const repeated = (extra) => (draft) => replace(draft, (owner) => {
    const value = old(owner.get());
    owner.set([...without(owner.get()), [name, value], [name, extra(value)]]);
  });
  const old = (list) => list.find(([known]) => known === name)?.[1] ?? '"x"';
  return [
    ...made,
    deviation(at, 'is missing', (draft) => replace(draft, (owner) => owner.set(without(owner.get())))),
    deviation(at, 'stands twice', repeated((value) => value)),
    deviation(at, 'stands twice, as another', repeated(() => '"another"')),
    deviation(at, 'is written in capitals', (draft) => replace(draft, (owner) =>
      owner.set([...without(owner.get()), [name.toUpperCase(), old(owner.get())]]))),
  ];
}

const list = (of, key) => (draft) => of(draft) && ({ get: () => of(draft)[key], set: (value) => { of(draft)[key] = value; } });
const memberOf = (place, of, key = 'members') => (name, values) => ofMember(place, name, list(of, key), values);
const responseMember = memberOf('body', (draft) => draft.response);
const claim = memberOf('claims', (draft) => draft.id_token, 'claims');
const head = memberOf('header', (draft) => draft.id_token, 'header');

const json = (value) => JSON.stringify(value);
const texts = (...values) => values.map(json);

/** What holds for every answer of HTTP. */
function ofHttp(place, of, honest) {
  const statuses = [
    200, 201, 202, 203, 204, 206, 299, 300, 301, 302, 304, 307, 400, 401, 403, 404, 405, 410, 418, 429, 499, 500, 502,
    503, 599,
  ];
  const types = [
    undefined, '', 'text/html', 'text/plain', 'text/json', 'application/xml', 'application/jwt',
    'application/jwk-set+json', 'application/json+x',
    'application/problem+json', 'application/jsonp', 'APPLICATION/JSON', 'Application/Json; charset=utf-8',
    'application/json;charset=utf-16',
    'application/json ; x=y', ' application/json', 'application/json,text/html', 'text/html; a=application/json',
    'application/ json',
  ];
  const mangles = {
    'is empty': () => Buffer.alloc(0),
    'is cut': (text) => text.subarray(0, text.length - 3),
    'begins with a byte order mark': (text) => Buffer.concat([Buffer.from('\ufeff'), text]),
    'is UTF-16': (text) => Buffer.from(text.toString(), 'utf16le'),
    'holds a wrong byte in a name': (text) => Buffer.concat([Buffer.from('{"no\xffte":1,', 'latin1'), text.subarray(1)]),
    'holds a wrong byte in a value': (text) => Buffer.concat([Buffer.from('{"note":"\xff\xfe",', 'latin1'), text.subarray(1)]),
    'has something behind it': (text) => Buffer.concat([text, Buffer.from(' x')]),
    'has another object behind it': (text) => Buffer.concat([text, text]),
    'has spaces around it': (text) => Buffer.from(` \r\n\t${text} \n`),
    'is in a list': (text) => Buffer.from(`[${text}]`),
    'is in a string': (text) => Buffer.from(json(text.toString())),
    'has a deep member': (text) => Buffer.from(`{"deep":${'['.repeat(500)}${']'.repeat(500)},${text.subarray(1)}`),
    'has 2000 members': (text) => Buffer.from(`{${Array.from({ length: 2000 }, (_, n) => `"m${n}":0,`).join('')}${text.subarray(1)}`),
    'has a name twice inside': (text) => Buffer.from(`{"deep":[{"a":1,"a":2}],${text.subarray(1)}`),
    'has a trailing comma': (text) => Buffer.from(text.toString().replace(/\}$/, ',}')),
    'has a comment': (text) => Buffer.concat([text, Buffer.from('/* */')]),
    'has single quotes': (text) => Buffer.from(text.toString().replaceAll('"', "'")),
    'has an unknown member': (text) => Buffer.from(`{"unknown":{"x":[1,null]},${text.subarray(1)}`),
    'has __proto__': (text) => Buffer.from(`{"__proto__":{"x":1},${text.subarray(1)}`),
  };
  const whole = [
    'null', 'true', '7', '"text"', '[]', '{}', '[[]]', '<!DOCTYPE html>', 'access_token=x&token_type=bearer',
  ];
  return [
    ...statuses.filter((status) => status !== honest)
      .map((status) => deviation(`${place} status`, `is ${status}`, (draft) => { of(draft).status = status; })),
    ...types.map((type) => deviation(`${place} type`, `is ${type}`, (draft) => { of(draft).content_type = type?.trim(); })),
    ...Object.entries(mangles).map(([name, mangle]) => deviation(place, name, (draft) => { of(draft).mangles.push(mangle); })),
    ...whole.map((text) => deviation(place, `is ${text}`, (draft) => of(draft).mangles.push(() => Buffer.from(text)))),
    deviation(`${place} header`, 'has a challenge', (draft) => { of(draft).www_authenticate = 'Bearer error="invalid_token"'; }),
    ...statuses.filter((status) => status >= 400).map((status) => deviation(`${place} whole`, `refuses with ${status}`, (draft) => {
      Object.assign(of(draft), { status, members: members({ error: 'invalid_grant', error_description: 'No.' }) });
    })),
  ];
}

const URLS = texts(
  'http://id.example/x', 'http://127.0.0.1/x', 'http://localhost:8080/x', 'http://[::1]/x',
  'http://localhost.example/x', 'https://127.0.0.1/x',
  'javascript:alert(1)', 'data:text/html,x', 'ftp://id.example/x', 'blob:https://id.example/x', '//id.example/x', '/x',
  'x', 'https://', 'https:id.example/x', 'https:///id.example/x',
  'https://id.example/x#f', 'https://id.example/x#', 'https://id.example/x?y=z', 'https://person:secret@id.example/x',
  'https://person@id.example/x', 'https://id.example:443/x',
  'https://id.example:8443/x', 'https://id.example:99999/x', 'https://id.example:/x', 'HTTPS://ID.EXAMPLE/x',
  'https://id.example\\x', 'https://id.example/a/../x',
  ' https://id.example/x', 'https://id.example/x ', 'https://id.example/\tx', 'https://id.example/\nx',
  'https://id.example/é', 'https://é.example/x',
  'https://xn--bcher-kva.example/x', 'https://xn--99999999.example/x', 'https://id.example./x', 'https://1.2.3/x',
  'https://0x7f.1/x', 'https://[::1/x', 'https://id%2eexample/x', 'https://id.example/%zz',
);

const DEVIATIONS = {
  discovery: () => [
    ...ofHttp('body', (draft) => draft.response, 200),
    ...responseMember('issuer', texts(
      'https://id.example/', 'https://ID.example', 'HTTPS://id.example', 'https://id.example:443',
      'https://id.example/tenant', 'https://id.example?', 'https://id.example#',
      'https://id.example.', 'https://id.example/.', ' https://id.example', 'https://id.example\n',
      'https://other.example', 'https://id.example//', 'https:id.example', 'https://x@id.example',
    )),
    ...[
      'authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'jwks_uri',
      'pushed_authorization_request_endpoint', 'revocation_endpoint', 'end_session_endpoint',
    ]
      .flatMap((name) => responseMember(name, URLS)),
    ...responseMember('response_types_supported', ['["token"]', '["code","token"]', '["code token"]', '["none"]']),
    ...['code_challenge_methods_supported', 'id_token_signing_alg_values_supported', 'dpop_signing_alg_values_supported']
      .flatMap((name) => responseMember(name, [
        '["plain"]', '["S256","plain"]', '["RS256"]', '["none"]', '["HS256"]', '["ES256",1]', '[null]',
      ])),
    ...['authorization_response_iss_parameter_supported', 'require_pushed_authorization_requests'].flatMap((name) => responseMember(name)),
  ],
  authorization: () => [
    ...[
      'code', 'state', 'iss', 'error', 'error_description', 'error_uri', 'response', 'access_token', 'id_token',
      'token_type', 'token', 'session_state', 'scope', 'expires_in', 'unknown',
    ]
      .flatMap(ofParameter),
    ...[
      'https://id.example/', 'https://ID.example', 'https://other.example', 'HTTPS://id.example',
      ' https://id.example', 'https://id.example#', 'null',
    ]
      .map((value) => set('iss', value)),
    ...[
      `${STATE} `, ` ${STATE}`, STATE.toLowerCase(), STATE.slice(1), `${STATE}=`, `${STATE}\0`, 'null', 'undefined',
    ].map((value) => set('state', value)),
    ...[
      'access_denied', 'login_required', 'interaction_required', 'server_error', 'temporarily_unavailable',
      'invalid_scope', 'invalid_request', '<b>', 'Ü',
    ]
      .flatMap((value) => [set('error', value), deviation('answer', `refuses with ${value}`, (draft) => {
        draft.parameters = [['error', value], ['state', STATE], ['iss', ISSUER]];
      })]),
    deviation('separator', 'is a fragment', (draft) => { draft.separator = '#'; }),
    deviation('separator', 'is a query of the page', (draft) => { draft.separator = '?page=2&'; }),
    deviation('separator', 'is an empty query and a fragment', (draft) => { draft.separator = '?#'; }),
    deviation('separator', 'is two question marks', (draft) => { draft.separator = '??'; }),
    deviation('order', 'is turned round', (draft) => { draft.parameters.reverse(); }),
    deviation('metadata', 'announces no iss', (draft) => { draft.metadata.authorization_response_iss_parameter_supported = false; }),
    deviation('metadata', 'does not tell about iss', (draft) => { delete draft.metadata.authorization_response_iss_parameter_supported; }),
    deviation('encoding', 'writes letters as escapes', (draft) => draft.mangles.push((text) => text.replaceAll('code=', '%63ode='))),
    deviation('encoding', 'holds a wrong escape', (draft) => draft.mangles.push((text) => `${text}&x=%zz%ff`)),
    deviation('encoding', 'separates by semicolons', (draft) => draft.mangles.push((text) => text.replaceAll('&', ';'))),
    deviation('encoding', 'has empty parameters', (draft) => draft.mangles.push((text) => text.replaceAll('&', '&&=&'))),
    deviation('encoding', 'writes iss unescaped', (draft) => draft.mangles.push(decodeURIComponent)),
    deviation('fragment', 'is there too', (draft) => draft.mangles.push((text) => `${text}#place`)),
    deviation('fragment', 'is that of an old provider', (draft) => draft.mangles.push((text) => `${text}#_=_`)),
    deviation('fragment', 'holds another answer', (draft) => draft.mangles.push((text) => `${text}#code=other&state=${STATE}`)),
  ],
  token: () => [...ofTokenResponse(), ...ofIdToken(), ...ofKeySet(), ...ofLogin()],
  refresh: () => [
    ...ofTokenResponse(),
    ...ofIdToken(),
    deviation('claims.sub', 'is somebody else', (draft) => changeClaim(draft, 'sub', '"somebody-else"')),
    deviation('claims.nonce', 'is another', (draft) => changeClaim(draft, 'nonce', '"another"')),
    deviation('claims.auth_time', 'is another', (draft) => changeClaim(draft, 'auth_time', String(NOW - 5))),
  ],
  userinfo: () => [
    ...ofHttp('body', (draft) => draft.response, 200),
    ...responseMember('sub', texts('Person', 'person ', 'person\0', 'somebody-else', 'p'.repeat(300))),
    ...responseMember('name'),
    ...responseMember('id', texts('person')),
    ...responseMember('error', texts('invalid_token')),
    ...responseMember('iss', texts('https://other.example')),
    ...responseMember('aud', texts('another-client')),
  ],
  par: () => [
    ...ofHttp('body', (draft) => draft.response, 201),
    ...responseMember('request_uri', [...texts(
      'urn:x', 'https://id.example/r', 'http://id.example/r', 'javascript:alert(1)', 'urn:a b', 'urn:a\nb', 'urn:é',
      'URN:x', 'HTTPS://id.example/r', 'a',
    ), ...URLS]),
    ...responseMember('expires_in', ['90', '31536000', '"90"', '60.0', '6e1', '1e19']),
    ...responseMember('error', texts('invalid_request')),
  ],
  challenge: challengeDeviations,
};

function changeClaim(draft, name, value) {
  if (draft.id_token) draft.id_token.claims = [...draft.id_token.claims.filter(([known]) => known !== name), [name, value]];
}

function ofParameter(name) {
  const without = (draft) => draft.parameters.filter(([known]) => known !== name);
  const values = [
    '', 'x', ' ', '\0', '\r\n', 'é', '\u202e', 'a b', '"', 'a'.repeat(5000), 'null', '[]', 'x=y&z', '%00', '+',
  ];
  const renamed = (rename) => (draft) => {
    draft.parameters = draft.parameters.map(([known, value]) => [known === name ? rename(known) : known, value]);
  };
  const first = (draft) => draft.parameters.find(([known]) => known === name)?.[1] ?? 'x';
  return [
    ...values.map((value) => set(name, value)),
    deviation(name, 'is missing', (draft) => { draft.parameters = without(draft); }),
    ...Object.entries({
      'stands twice': (value) => [value, value],
      'stands twice, empty first': (value) => ['', value],
      'stands twice, empty last': (value) => [value, ''],
      'stands twice, as another': (value) => [value, 'another'],
      'stands twice, another first': (value) => ['another', value],
    }).map(([way, valuesOf]) => deviation(name, way, (draft) => {
      draft.parameters = [...without(draft), ...valuesOf(first(draft)).map((value) => [name, value])];
    })),
    deviation(name, 'is a list', renamed((known) => `${known}[]`)),
    deviation(name, 'is written in capitals', renamed((known) => known.toUpperCase())),
  ];
}

function set(name, value) {
  const shown = value.length > 40 ? `${value.length} letters` : json(value);
  return deviation(name, `is ${shown}`, (draft) => {
    draft.parameters = [...draft.parameters.filter(([known]) => known !== name), [name, value]];
  });
}

function ofTokenResponse() {
  return [
    ...ofHttp('body', (draft) => draft.response, 200),
    ...responseMember('access_token', texts('a b', 'a\r\nX: y', 'a\u007fb', 'a=b', 'ü', 'a'.repeat(5000))),
    ...responseMember('token_type', texts(
      'bearer', 'BEARER', 'bEaReR', 'DPoP', 'dpop', 'mac', 'N_A', 'Bearer ', ' Bearer', 'pop',
      'urn:ietf:params:oauth:token-type:access_token',
    )),
    ...responseMember('expires_in', [
      '60', '31536000', '31536001', '"60"', '"060"', '"1e3"', '"Infinity"', '"99999999999999999999"', '60.0', '-0.5',
    ]),
    ...responseMember('scope', texts(
      'openid profile', 'openid  profile', ' openid', 'profile openid profile', 'openid,profile', 'open"id',
      'open\\id', 'openid\tx', 'öpenid',
    )),
    ...responseMember('refresh_token', texts('r', 'r r', 'r\n')),
    ...responseMember('error', texts('invalid_grant', 'invalid_request')),
    ...responseMember('id_token', texts('x.y.z', 'e30.e30.', 'a.b.c.d.e')),
    deviation('id_token', 'is missing', (draft) => { draft.id_token = undefined; }),
    deviation('binding', 'is required', (draft) => { draft.binding = 'required'; }),
    deviation('binding', 'is offered', (draft) => { draft.binding = 'offered'; }),
    deviation('binding', 'is required and given', (draft) => {
      draft.binding = 'required';
      draft.response.members = [...draft.response.members.filter(([name]) => name !== 'token_type'), ['token_type', '"DPoP"']];
    }),
  ];
}

const around = (...offsets) => offsets.map((offset) => String(NOW + offset));

function ofIdToken() {
  const key = (name, alg, ...announced) => deviation('signature', `is ${alg} by ${name}`, (draft) => signWith(
    draft, name, alg, announced,
  ));
  const encoding = (name, mangle) => deviation('encoding', name, (draft) => draft.id_token?.mangles.push(mangle));
  return [
    ...claim('iss', texts('https://id.example/', 'https://ID.example', 'https://other.example', 'https://id.example ')),
    ...claim('sub', texts('a'.repeat(255), 'a'.repeat(256), 'a b')),
    ...claim('aud', [
      ...texts('another', 'MY-APP', 'my-app '), `["${CLIENT_ID}"]`, `["${CLIENT_ID}","${CLIENT_ID}"]`,
      `["${CLIENT_ID}","another"]`, `["another","${CLIENT_ID}"]`, '["another"]', `["${CLIENT_ID}",null]`,
      `["${CLIENT_ID}",1]`, `[["${CLIENT_ID}"]]`, `{"0":"${CLIENT_ID}"}`,
    ]),
    ...claim('azp', texts(CLIENT_ID, 'another', 'MY-APP')),
    deviation('claims.aud', 'is of two, azp ours', (draft) => {
      changeClaim(draft, 'aud', `["${CLIENT_ID}","another"]`);
      changeClaim(draft, 'azp', json(CLIENT_ID));
    }),
    ...claim('exp', around(0, -659, -660, -661, -659.5, -660.5, 86400, 4e9)),
    ...claim('iat', around(659, 660, 661, 660.5, -3599, -3600, -3601, -86400)),
    ...claim('nbf', around(0, -10, 659, 660, 661, 660.5, 660.2)),
    ...claim('nonce', texts('another', 'AGICAGICAGICAGICAGICAGICAGICAGICAGICAGICAGI')),
    ...claim('auth_time', around(0, -3600, 3600, -0.5)),
    ...claim('acr', texts('gold')),
    ...claim('at_hash', texts('AAAAAAAAAAAAAAAAAAAAAA', 'Px-f6fVqDCGw5XLXkhvIFg')),
    ...claim('c_hash'),
    ...claim('s_hash'),
    ...claim('events', ['{"http://schemas.openid.net/event/backchannel-logout":{}}']),
    ...head('alg', texts('none', 'None', 'HS256', 'RS256', 'es256', 'ES256K', 'ES384', 'EdDSA', 'PS256', 'ML-DSA-44')),
    ...head('kid', texts('rsa', 'unknown', 'P256')),
    ...head('typ', texts('JWT', 'jwt', 'at+jwt', 'logout+jwt', 'application/jwt', 'JOSE', 'dpop+jwt', 'id_token+jwt')),
    ...head('cty', texts('JWT')),
    ...head('crit', ['["exp"]', '["b64"]']),
    ...head('b64'),
    ...head('zip', texts('DEF')),
    ...head('enc', texts('A128GCM')),
    ...head('jwk', [json(jwk('foreign'))]),
    ...head('jku', texts('https://other.example/jwks')),
    ...head('x5c'),
    key('foreign', 'ES256'), key('hmac', 'HS256'), key('none', 'none'), key('none', 'ES256'),
    key('hmac', 'HS256', 'HS256'), key('none', 'none', 'none'), key('smallRsa', 'RS256', 'RS256'),
    key('p256', 'ES256', 'RS256'), key('p256', 'ES256', 'ES256', 'RS256'), key('p256', 'RS256', 'RS256'),
    ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map((alg) => key('rsa', alg, alg)),
    key('p384', 'ES384', 'ES384'), key('p521', 'ES512', 'ES512'), key('p384', 'ES256', 'ES256'),
    key('ed25519', 'EdDSA', 'EdDSA'), key('ed25519', 'Ed25519', 'Ed25519'), key('ed25519', 'Ed25519', 'EdDSA'),
    key('ed25519', 'EdDSA', 'Ed25519'),
    deviation('announced', 'is nothing', (draft) => { delete draft.metadata.id_token_signing_alg_values_supported; }),
    deviation('announced', 'is nothing, RS256 used', (draft) => { signWith(
      draft, 'rsa', 'RS256', [],
    ); delete draft.metadata.id_token_signing_alg_values_supported; }),
    encoding('is padded', (text) => `${text}=`),
    encoding('is padded twice', (text) => `${text}==`),
    encoding('has padding inside', (text) => text.replace('.', '=.')),
    encoding('has a line break', (text) => `${text.slice(0, 9)}\n${text.slice(9)}`),
    encoding('has a space', (text) => `${text.slice(0, 9)} ${text.slice(9)}`),
    encoding('begins with a space', (text) => ` ${text}`),
    encoding('is in the other alphabet', (text) => text.replaceAll('-', '+').replaceAll('_', '/')),
    encoding('has spare bits', (text) => text.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1))),
    encoding('has two parts', (text) => text.split('.').slice(0, 2).join('.')),
    encoding('has four parts', (text) => `${text}.e30`),
    encoding('has five parts', (text) => `${text}.e30.e30`),
    encoding('has an empty signature', (text) => `${text.split('.').slice(0, 2).join('.')}.`),
    encoding('has a short signature', (text) => text.slice(0, -4)),
    encoding('has a long signature', (text) => `${text}AAAA`),
    encoding('has empty claims', (text) => text.replace(/\..*\./, '..')),
    encoding('is empty', () => ''),
    encoding('is null', () => 'null'),
    ...['header', 'claims'].flatMap((part) => [
      ...[
        'null', '[]', '"x"', '7', '', '{', '{}',
      ].map((text) => deviation(`${part} text`, `is ${text}`, (draft) => setText(draft, part, () => text))),
      deviation(`${part} text`, 'begins with a byte order mark', (draft) => setText(draft, part, (text) => `\ufeff${text}`)),
      deviation(`${part} text`, 'has spaces around it', (draft) => setText(draft, part, (text) => ` ${text}\n`)),
      deviation(`${part} text`, 'has something behind it', (draft) => setText(draft, part, (text) => `${text}x`)),
      deviation(`${part} text`, 'holds a wrong byte', (draft) => setText(draft, part, (text) =>
        Buffer.concat([Buffer.from('{"x":"\xff",', 'latin1'), Buffer.from(text.slice(1))]))),
      deviation(`${part} text`, 'has a name twice inside', (draft) => setText(draft, part, (text) => `{"deep":{"a":1,"a":2},${text.slice(1)}`)),
    ]),
  ];
}

function setText(draft, part, change) {
  if (draft.id_token) draft.id_token[`${part}_text`] = change(object(draft.id_token[part]));
}

function signWith(draft, name, alg, announced) {
  if (!draft.id_token) return;
  const known = ['none', 'hmac'].includes(name) ? 'p256' : name;
  draft.id_token.key = name;
  draft.id_token.header = members({ alg, kid: known });
  if (name !== 'foreign') draft.keys.members = members({ keys: [jwk(known), jwk('foreign')] });
  if (announced.length > 0) draft.metadata.id_token_signing_alg_values_supported = announced;
}

function ofKeySet() {
  const keys = (name, ...set) => deviation('keys', name, (draft) => { draft.keys.members = members({ keys: set }); });
  const changed = (name, change) => keys(name, { ...jwk('p256'), ...change }, jwk('rsa'));
  const withoutId = ({ kid, ...key }) => key;
  return [
    ...ofHttp('keys', (draft) => draft.keys, 200),
    ...memberOf('keys', (draft) => draft.keys)('keys'),
    keys('is the one', jwk('p256')),
    keys('is the one, nameless', withoutId(jwk('p256'))),
    keys('is two of one name', jwk('p256'), { ...jwk('foreign'), kid: 'p256' }),
    keys('is two of one name, the right one last', { ...jwk('foreign'), kid: 'p256' }, jwk('p256')),
    keys('is two of one name, of two kinds', { ...jwk('rsa'), kid: 'p256' }, jwk('p256')),
    keys('is twice the same', jwk('p256'), jwk('p256')),
    keys('is twenty of one name, the right one last', ...Array.from({ length: 20 }, () => ({ ...jwk('foreign'), kid: 'p256' })), jwk('p256')),
    keys('holds what is no key', jwk('p256'), null),
    keys('holds a text', jwk('p256'), 'key'),
    keys('holds a key of an unknown kind', jwk('p256'), { kty: 'XYZ', kid: 'x' }),
    keys('holds a key without a kind', jwk('p256'), { kid: 'x' }),
    keys('is private', privateJwk('p256')),
    keys('is foreign', { ...jwk('foreign'), kid: 'p256' }),
    changed('is for encryption', { use: 'enc' }), changed('is for signing', { use: 'sig' }),
    changed('is for an unknown use', { use: 'tls' }), changed('has use null', { use: null }),
    changed('has use 7', { use: 7 }), changed('only signs', { key_ops: ['sign'] }),
    changed('verifies', { key_ops: ['verify'] }), changed('verifies and more', { key_ops: ['verify', 'wrapKey'] }),
    changed('has no key_ops', { key_ops: [] }), changed('has key_ops null', { key_ops: null }),
    changed('has key_ops as text', { key_ops: 'verify' }), changed('has key_ops 7', { key_ops: 7 }),
    changed('is of ES384', { alg: 'ES384' }), changed('is of ES256', { alg: 'ES256' }),
    changed('is of alg null', { alg: null }), changed('is of an unknown alg', { alg: 'ES256K' }),
    changed('has another curve', { crv: 'P-384' }), changed('has no curve', { crv: undefined }),
    changed('has kind RSA', { kty: 'RSA' }), changed('has kind ec', { kty: 'ec' }),
    changed('is off the curve', { y: jwk('foreign').y }), changed('has a padded x', { x: `${jwk('p256').x}=` }),
    changed('has a short x', { x: 'AQ' }), changed('has x 7', { x: 7 }),
    changed('has ext false', { ext: false }), changed('has k', { k: 'AQ' }), changed('has kid 7', { kid: 7 }),
    changed('has kid null', { kid: null }), changed('has another kid', { kid: 'other' }),
    deviation('keys', 'is RSA, its modulus padded', (draft) => {
      signWith(draft, 'rsa', 'RS256', ['RS256']);
      draft.keys.members = members({ keys: [{ ...jwk('rsa'), n: `${jwk('rsa').n}==` }] });
    }),
    deviation('keys', 'are two, and the token names none', (draft) => {
      draft.keys.members = members({ keys: [jwk('foreign'), jwk('p256')] });
      if (draft.id_token) draft.id_token.header = members({ alg: 'ES256' });
    }),
    deviation('keys', 'are of two kinds, and the token names none', (draft) => {
      if (draft.id_token) draft.id_token.header = members({ alg: 'ES256' });
    }),
  ];
}

function ofLogin() {
  const aged = [
    0, 1, 300, 3600,
  ].map((seconds) => deviation('max_age', `is ${seconds}`, (draft) => { draft.max_age = seconds; }));
  const ages = [-4, -6, -305, -306, -959, -961, -5000].flatMap((offset) => [300, 0].map((age) =>
    deviation('max_age', `is ${age}, the sign-in ${-offset} seconds old`, (draft) => {
      draft.max_age = age;
      changeClaim(draft, 'auth_time', String(NOW + offset));
    })));
  return [
    ...aged,
    ...ages,
    deviation('max_age', 'is 300, no auth_time', (draft) => {
      draft.max_age = 300;
      if (draft.id_token) draft.id_token.claims = draft.id_token.claims.filter(([name]) => name !== 'auth_time');
    }),
    deviation('max_age', 'is 300, the token antedated', (draft) => {
      draft.max_age = 300;
      changeClaim(draft, 'iat', String(NOW - 3000));
      changeClaim(draft, 'auth_time', String(NOW - 3200));
    }),
    deviation('scope', 'is without openid', (draft) => { draft.scope = 'profile'; }),
  ];
}

function challengeDeviations() {
  const headers = [
    'Bearer', 'bearer', 'BEARER error="x"', 'Bearer ', 'Bearer,', ',Bearer', ', ,Bearer error=x',
    'Bearer error=invalid_token', 'Bearer error = "x"', 'Bearer error ="x"', 'Bearer error= "x"',
    'Bearer error="a\\"b"',
    'Bearer error="a\\\\b"', 'Bearer error="a', 'Bearer error="a\\"', 'Bearer error="a, b=c", scope="d"',
    'Bearer error="x",error="y"', 'Bearer error="x", ERROR="x"', 'Bearer ERROR="x"',
    'Bearer error="x" scope="y"', 'Bearer error="x";scope="y"', 'Bearer error', 'Bearer error,scope="y"',
    'Bearer error=', 'Bearer error=,scope=x', 'Bearer =x', 'Bearer error==x', 'Bearer abc', 'Bearer abc==',
    'Bearer abc==, DPoP error="x"',
    'Basic abc==', 'Basic abc==, Bearer error="x"', 'Basic realm="x", Bearer error="y"', 'Basic, Bearer error="x"',
    'Basic Bearer error="x"', 'Negotiate, Bearer error="x", scope="a b"', 'Negotiate YWJj, Bearer error="x"',
    'DPoP algs="ES256 RS256"', 'DPoP error="use_dpop_nonce"',
    'Bearer realm="a", DPoP algs="ES256", error="invalid_token"', 'Bearer realm="a",\tDPoP algs="ES256"',
    'Bearer\terror="x"', 'Bearer error="\tx"', 'Bearer error="é"',
    'Bearer max_age=0', 'Bearer max_age="x"',
    'Bearer error="insufficient_user_authentication", acr_values="gold silver", max_age="5"', 'Bearer error=\'x\'',
    'Bearer error*=UTF-8\'\'x', 'Bearer "x"', '"Bearer"', '=', '', 'Bearer: error="x"', 'Bearer/error="x"',
    'Bearer(x)', 'Bearer error="x"scope="y"', 'Bearer error="x",,scope="y"', 'Bearer error="x", scope',
    'Bearer error="x", scope=y, Basic', 'Bearer scope=a/b', 'Bearer scope=a b', 'Bearer error=x, abc==, Basic realm=y',
    'Bearer __proto__="x", error="y"', 'Digest realm="x", qop="auth, auth-int", nonce=abc, Bearer error="x"',
    'Bearer error=""', 'error="x"', 'Bearer realm="x"\u00a0error="y"', 'Bearer abc==, DPoP er DPoP error="x"',
    'Bearer error="x"\u0085',
  ];
  const parameters = [
    'error=invalid_token', 'scope=', 'scope="a', 'acr_values="gold"', 'max_age=5', 'x', 'abc==', 'DPoP algs="ES256"',
    'Basic abc=', 'Basic', 'error="another"', '', '"', 'a = b', 'a="\\""', 'REALM=y', '\t', '=', 'x=y z',
  ];
  return [
    ...headers.map((text) => deviation('header', `is ${text}`, (draft) => draft.mangles.push(() => text))),
    ...parameters.flatMap((text) => [
      0, 1, 2, 3,
    ].map((at) => deviation(`parameter ${at}`, `is preceded by ${text}`, (draft) => { draft.parameters.splice(at, 0, text); }))),
    ...[0, 1, 2].map((at) => deviation(`parameter ${at}`, 'is missing', (draft) => { draft.parameters.splice(at, 1); })),
    ...[
      ',', ' ,', ' , ', '  ', ' ', ',,', ';', '\t', ',\t',
    ].map((text) => deviation('separator', `is ${json(text)}`, (draft) => { draft.separator = text; })),
    ...[
      'bearer', 'DPoP', 'Basic', 'Bearer,', 'Basic abc==, Bearer', 'Basic realm="x", Bearer', 'Negotiate, DPoP', '',
      'a b', 'Bearer  ', 'B=', 'x-y',
    ].map((text) => deviation('scheme', `is ${json(text)}`, (draft) => { draft.scheme = text; })),
  ];
}
