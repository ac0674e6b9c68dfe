// Starts Keycloak with a realm for each variant, and ends sessions through its admin API.
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, readArguments, request, run, serve, waitFor } from '../lib/server.js';

const FOLDER = 'keycloak-26.7.3';
const SHORT = 10;
const ACCOUNT = { login: 'ada', password: 'analytical-engine-1843', name: 'Ada Lovelace' };

/** Without it, the executor refuses each change of a client that may have bearer tokens. */
const NOT_AT_CHANGES = {
  condition: 'client-updater-context',
  configuration: { 'update-client-source': ['ByAuthenticatedUser'], 'is-negative-logic': true },
};

/** What is set at the clients and at the realm of each variant. */
const VARIANTS = {
  'as-shipped': {},
  audience: { client: { protocolMappers: [audienceMapper()] } },
  // The attribute is what `auto-configure` sets at a client that is made. An import doesn't do it.
  'dpop-enforced': {
    attributes: { 'dpop.bound.access.tokens': 'true' },
    realm: policy({ 'auto-configure': true, 'enforce-authorization-code-binding-to-dpop': true }),
  },
  'refresh-bound': {
    realm: policy({ 'auto-configure': false, 'allow-only-refresh-token-binding': true }, NOT_AT_CHANGES),
  },
  lightweight: { attributes: { 'client.use.lightweight.access.token.enabled': 'true' } },
  'no-iss': { attributes: { 'exclude.issuer.from.auth.response': 'true' } },
  consent: { client: { consentRequired: true } },
  'dpop-required': { attributes: { 'dpop.bound.access.tokens': 'true' } },
};

await main(readArguments());

async function main({ home, data, origins, redirectUris, postLogoutUris, wants }) {
  const apps = { origins, redirectUris, postLogoutUris };
  const realms = Object.entries(VARIANTS)
    .filter(([name]) => wants(name))
    .map(([name, variant]) => realm(name, variant, apps));
  await writeRealms(data, realms);

  const base = `http://localhost:${await freePort()}`;
  const admin = { username: 'admin', password: randomUUID() };
  startKeycloak({ home, data, base, admin });
  await waitFor(`${base}/realms/master`);

  await serve({
    account: ACCOUNT,
    variants: Object.fromEntries(realms.map(({ realm: name }) => [name, clients(`${base}/realms/${name}`)])),
    actions: createActions({ base, admin, realms }),
  });
}

function clients(issuer) {
  return {
    usual: { issuer, client_id: 'usual' },
    short: { issuer, client_id: 'short', lifetime: SHORT },
  };
}

/** The folder is where `--import-realm` looks. */
async function writeRealms(data, realms) {
  const folder = join(data, 'data', 'import');
  await mkdir(folder, { recursive: true });
  await Promise.all(realms.map((one) => writeFile(join(folder, `${one.realm}.json`), JSON.stringify(one))));
}

function startKeycloak({ home, data, base, admin }) {
  // What it calls its home is where it writes. With `built`, it runs as those built it who ship
  // it. Else it would first build itself anew, among its libraries, which takes longer than the
  // start.
  run('sh', [
    join(home, FOLDER, 'bin', 'kc.sh'),
    `-Dkc.home.dir=${data}`,
    '-Dkc.config.built=true',
    'start-dev',
    '--db=dev-mem',
    '--http-host=127.0.0.1',
    `--http-port=${new URL(base).port}`,
    '--import-realm',
  ], {
    env: {
      ...process.env,
      KC_BOOTSTRAP_ADMIN_USERNAME: admin.username,
      KC_BOOTSTRAP_ADMIN_PASSWORD: admin.password,
      // It lives for some minutes only: the slow compiler is not worth its time.
      JAVA_OPTS_APPEND: '-XX:TieredStopAtLevel=1',
    },
  });
}

function realm(name, variant, apps) {
  return {
    realm: name,
    enabled: true,
    users: [user()],
    clients: [client('usual', variant, apps), client('short', variant, apps, { 'access.token.lifespan': `${SHORT}` })],
    ...variant.realm,
  };
}

function user() {
  const [firstName, lastName] = ACCOUNT.name.split(' ');
  return {
    id: randomUUID(),
    username: ACCOUNT.login,
    enabled: true,
    firstName,
    lastName,
    email: 'ada@example.org',
    emailVerified: true,
    credentials: [{ type: 'password', value: ACCOUNT.password }],
  };
}

function client(clientId, variant, { origins, redirectUris, postLogoutUris }, attributes) {
  return {
    id: randomUUID(),
    clientId,
    publicClient: true,
    redirectUris,
    webOrigins: origins,
    attributes: {
      'post.logout.redirect.uris': postLogoutUris.join('##'),
      ...variant.attributes,
      ...attributes,
    },
    ...variant.client,
  };
}

/** Lets the ID token name another audience beside the client. */
function audienceMapper() {
  return {
    name: 'audience',
    protocol: 'openid-connect',
    protocolMapper: 'oidc-audience-mapper',
    config: {
      'included.client.audience': 'account',
      'id.token.claim': 'true',
      'access.token.claim': 'true',
    },
  };
}

/** A client policy for each client of the realm. */
function policy(configuration, ...conditions) {
  const name = 'dpop';
  const all = [{ condition: 'any-client', configuration: {} }, ...conditions];
  return {
    clientProfiles: { profiles: [{ name, executors: [{ executor: 'dpop-bind-enforcer', configuration }] }] },
    clientPolicies: { policies: [{ name, enabled: true, conditions: all, profiles: [name] }] },
  };
}

function createActions({ base, admin, realms }) {
  const call = async (method, path, json) => {
    const token = await adminToken(base, admin);
    return request(`${base}/admin/realms${path}`, { method, json, headers: { authorization: `Bearer ${token}` } });
  };
  // What is left out of a changed account or client could be taken for empty.
  const change = async (path, changes) => call('PUT', path, { ...await call('GET', path), ...changes });
  const pathsOf = ({ variant, client: clientId }) => {
    const { users: [person], clients: all } = realms.find((one) => one.realm === variant);
    return {
      person: `/${variant}/users/${person.id}`,
      client: `/${variant}/clients/${all.find((one) => one.clientId === clientId).id}`,
    };
  };
  const endSessions = (person) => call('POST', `${person}/logout`);
  const revoke = (person, clientId) => call('DELETE', `${person}/consents/${clientId}`);

  return {
    'person-disabled': (target) => change(pathsOf(target).person, { enabled: false }),
    'session-deleted': (target) => endSessions(pathsOf(target).person),
    'consent-revoked': (target) => revoke(pathsOf(target).person, target.client),
    'client-disabled': (target) => change(pathsOf(target).client, { enabled: false }),
    restore: async (target) => {
      const { person, client: path } = pathsOf(target);
      await change(path, { enabled: true });
      await change(person, { enabled: true });
      for (const { clientId } of await call('GET', `${person}/consents`)) await revoke(person, clientId);
      await endSessions(person);
    },
  };
}

/** A token for each call: it lives for a minute only. */
async function adminToken(base, { username, password }) {
  const answer = await request(`${base}/realms/master/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', username, password }),
  });
  return answer.access_token;
}
