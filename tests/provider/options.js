// The command line: what the two servers are told, checked before anything starts.
import { parseArgs } from 'node:util';
import { UPSTREAMS } from './upstream-kinds.js';

const ID_TOKEN_ALGORITHMS = [
  'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519',
];

export const USAGE = `Usage: node server.js [options]

  --port PORT             authorization server, 0 for any free port (default 9400)
  --resource-port PORT    resource server, 0 for any free port (default 9401)
  --client ID=URI[,URI…]  a public client and its exact redirect URIs; may be repeated
                          (default: pixy-demo at http://localhost:8080/callback.html
                          and pixy-widget at http://localhost:8081/)
  --post-logout ID=URI[,URI…]  further pages that client ID may return to after signing out;
                          may be repeated (always allowed: the folder of each redirect URI)
  --token-lifetime SECONDS  lifetime of access tokens (default 3600)
  --require-par           only pushed authorization requests are taken (RFC 9126)
  --refresh-tokens        issue refresh tokens also without the scope offline_access
  --id-token-alg ALG      how ID tokens are signed (default RS256; one of
                          ${ID_TOKEN_ALGORITHMS.join(' ')})
  --signed-userinfo       userinfo answers with a JWT, signed with RS256
  --vault-max-age SECONDS  how old a sign-in may be for GET /vault (default 300)
  --dpop-nonce            both servers demand their nonce in DPoP proofs
  --no-dpop               neither server knows DPoP
  --like-auth0            paths and issuer as Auth0 has them: /authorize, /oauth/token, a slash at the issuer's
                          end; other clients learn both from the provider's description; and the person's
                          name is in the ID token, too
  --coop                  pages cut themselves off from the window that opened theirs
                          (Cross-Origin-Opener-Policy: same-origin)
  --lesson                for the demo's lesson: of each client ID there are two more, ID-without-pkce
                          (unsafe: PKCE is not required) and ID-brief (access tokens live 5 seconds);
                          codes live 10 minutes; GET /_compared says what was compared for PKCE
  --upstream NAME         google or github: people whose app asks for upstream=NAME sign in there, with
                          NAME_CLIENT_ID and NAME_CLIENT_SECRET from the environment (in capitals),
                          else at a stand-in on this computer
  --stand-in-port PORT    the stand-in, 0 for any free port (default 9402)
  --record FILE           append one JSON line per request, without any secret
  --test-controls         POST /_rotate-keys at the authorization server makes new signing keys, and
                          POST /_disable-person?person=LOGIN, /_delete-sessions?person=LOGIN,
                          /_revoke-consent?person=LOGIN&client=ID, /_disable-client?client=ID
                          and /_restore do what an administrator does
  --help                  print this text`;

const DEFAULT_CLIENTS = [
  'pixy-demo=http://localhost:8080/callback.html',
  'pixy-widget=http://localhost:8081/',
];

// Long enough to be used once, short enough to watch it run out.
const BRIEF_TOKEN_LIFETIME = 5;

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/** A mistake on the command line; the message is for the person who typed it. */
export class UsageError extends Error {}

export function parseOptions(args) {
  const values = readArguments(args);
  if (values['no-dpop'] && values['dpop-nonce']) {
    throw new UsageError('--no-dpop and --dpop-nonce contradict each other');
  }
  return {
    help: values.help,
    port: wholeNumber('--port', values.port, 0, 65535),
    resourcePort: wholeNumber('--resource-port', values['resource-port'], 0, 65535),
    tokenLifetime: wholeNumber('--token-lifetime', values['token-lifetime'], 1, 86400),
    requirePar: values['require-par'],
    refreshTokens: values['refresh-tokens'],
    idTokenAlgorithm: oneOf('--id-token-alg', values['id-token-alg'], ID_TOKEN_ALGORITHMS),
    signedUserinfo: values['signed-userinfo'],
    testControls: values['test-controls'],
    dpop: !values['no-dpop'],
    dpopNonce: values['dpop-nonce'],
    coop: values.coop,
    likeAuth0: values['like-auth0'],
    vaultMaxAge: wholeNumber('--vault-max-age', values['vault-max-age'], 1, 86400),
    upstream: values.upstream === undefined ? undefined : oneOf('--upstream', values.upstream, Object.keys(UPSTREAMS)),
    standInPort: wholeNumber('--stand-in-port', values['stand-in-port'], 0, 65535),
    lesson: values.lesson,
    record: values.record,
    clients: parseClients(values.client ?? DEFAULT_CLIENTS, values['post-logout'], values.lesson),
  };
}

function readArguments(args) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: 'string', default: '9400' },
        'resource-port': { type: 'string', default: '9401' },
        client: { type: 'string', multiple: true },
        'post-logout': { type: 'string', multiple: true, default: [] },
        'token-lifetime': { type: 'string', default: '3600' },
        'require-par': { type: 'boolean', default: false },
        'refresh-tokens': { type: 'boolean', default: false },
        'id-token-alg': { type: 'string', default: 'RS256' },
        'signed-userinfo': { type: 'boolean', default: false },
        'test-controls': { type: 'boolean', default: false },
        'vault-max-age': { type: 'string', default: '300' },
        'dpop-nonce': { type: 'boolean', default: false },
        'no-dpop': { type: 'boolean', default: false },
        coop: { type: 'boolean', default: false },
        'like-auth0': { type: 'boolean', default: false },
        upstream: { type: 'string' },
        'stand-in-port': { type: 'string', default: '9402' },
        lesson: { type: 'boolean', default: false },
        record: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error.message);
  }
}

function wholeNumber(name, text, least, most) {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new UsageError(`${name} must be a whole number from ${least} to ${most}, not "${text}"`);
}

function oneOf(name, text, known) {
  if (known.includes(text)) return text;
  throw new UsageError(`${name} must be one of ${known.join(' ')}, not "${text}"`);
}

function parseClients(definitions, postLogoutDefinitions, lesson) {
  const given = definitions.map(parseClient);
  addPostLogoutUris(given, postLogoutDefinitions);
  const clients = lesson ? given.flatMap(withLessonClients) : given;
  const ids = new Set(clients.map((client) => client.id));
  if (ids.size < clients.length) throw new UsageError('--client: each client id may be given once');
  return clients;
}

function addPostLogoutUris(clients, postLogoutDefinitions) {
  for (const definition of postLogoutDefinitions) {
    const { id, uris } = parseDefinition('--post-logout', definition);
    const client = clients.find((known) => known.id === id);
    if (!client) throw new UsageError(`--post-logout: there is no client "${id}"`);
    client.postLogoutRedirectUris = unique([...client.postLogoutRedirectUris, ...uris]);
  }
}

/** A client, and the two that the lesson compares it with. */
function withLessonClients(client) {
  return [
    client,
    { ...client, id: `${client.id}-without-pkce`, withoutPkce: true },
    { ...client, id: `${client.id}-brief`, tokenLifetime: BRIEF_TOKEN_LIFETIME },
  ];
}

function parseClient(definition) {
  const { id, uris: redirectUris } = parseDefinition('--client', definition);
  return {
    id,
    name: id,
    redirectUris,
    origins: unique(redirectUris.map((uri) => new URL(uri).origin)),
    postLogoutRedirectUris: unique(redirectUris.map((uri) => new URL('.', uri).href)),
  };
}

/** `ID=URI[,URI…]`. An ID may itself be a URL, as of a client ID metadata document, but without "=". */
function parseDefinition(option, definition) {
  const [, id, list] = /^([\x21-\x3c\x3e-\x7e]+)=(.+)$/.exec(definition) ?? [];
  if (!id) throw new UsageError(`${option} must look like ID=URI[,URI…], not "${definition}"`);
  const uris = list.split(',');
  uris.forEach((uri) => checkRedirectUri(option, uri));
  return { id, uris };
}

function checkRedirectUri(option, uri) {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  const secure = url?.protocol === 'https:';
  const loopback = url?.protocol === 'http:' && LOOPBACK_HOSTS.has(url.hostname);
  if ((secure || loopback) && !uri.includes('#')) return;
  throw new UsageError(`${option}: a redirect URI is https, or http on loopback, without fragment, not "${uri}"`);
}

function unique(list) {
  return [...new Set(list)];
}
