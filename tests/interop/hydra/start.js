// Starts Ory Hydra and its login and consent app, and ends sessions from their side.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, readArguments, request, run, serve, waitFor } from '../lib/server.js';
import { ACCOUNT, createLoginApp } from './login-app.js';

const LOOPBACK = '127.0.0.1';
const SHORT_LIFETIME = 10;

const VARIANTS = {
  'as-shipped': {},
  'no-offline': { scope: 'openid profile email' },
  jwt: { access_token_strategy: 'jwt' },
};

const KINDS = {
  usual: {},
  short: {
    authorization_code_grant_access_token_lifespan: `${SHORT_LIFETIME}s`,
    refresh_token_grant_access_token_lifespan: `${SHORT_LIFETIME}s`,
  },
};

const options = readArguments();
const ports = { public: await freePort(), admin: await freePort(), login: await freePort() };
const issuer = `http://localhost:${ports.public}/`;
const admin = `http://${LOOPBACK}:${ports.admin}/admin`;
const names = Object.keys(VARIANTS).filter(options.wants);
let disabled = false;
const deleted = new Set();

createLoginApp({ admin, isDisabled: () => disabled }).listen(ports.login, LOOPBACK);
// The environment is empty because Hydra takes settings from there, too.
run(join(options.home, 'bin', 'hydra'), ['serve', 'all', '--dev', '--config', writeConfig()], { env: {} });
await Promise.all([waitFor(`http://${LOOPBACK}:${ports.admin}/health/ready`), waitFor(`${issuer}health/ready`)]);
for (const variant of names) {
  for (const kind of Object.keys(KINDS)) await createClient(variant, kind);
}

await serve({
  account: ACCOUNT,
  variants: Object.fromEntries(names.map((variant) => [variant, {
    usual: { issuer, client_id: idOf(variant, 'usual') },
    short: { issuer, client_id: idOf(variant, 'short'), lifetime: SHORT_LIFETIME },
  }])),
  actions: {
    async 'person-disabled'() {
      disabled = true;
      await endSessions();
    },
    'session-deleted': endSessions,
    'consent-revoked': ({ variant, client }) => revokeConsent({ client: idOf(variant, client) }),
    async 'client-disabled'({ variant, client }) {
      await remove(`clients/${idOf(variant, client)}`);
      deleted.add(idOf(variant, client));
    },
    async restore({ variant, client }) {
      disabled = false;
      await endSessions();
      await revokeConsent({ all: true });
      if (deleted.delete(idOf(variant, client))) await createClient(variant, client);
    },
  },
});

function writeConfig() {
  const pages = `http://localhost:${ports.login}`;
  const config = {
    dsn: 'memory',
    serve: {
      public: { host: LOOPBACK, port: ports.public, cors: { enabled: true, allowed_origins: options.origins } },
      admin: { host: LOOPBACK, port: ports.admin },
    },
    urls: {
      self: { issuer },
      login: `${pages}/login`,
      consent: `${pages}/consent`,
      logout: `${pages}/logout`,
    },
    secrets: { system: [randomBytes(32).toString('hex')] },
    sqa: { opt_out: true },
  };
  const file = join(options.data, 'hydra.json');
  writeFileSync(file, JSON.stringify(config));
  return file;
}

function idOf(variant, kind) {
  return `${variant}-${kind}`;
}

function createClient(variant, kind) {
  return request(`${admin}/clients`, {
    method: 'POST',
    json: {
      client_id: idOf(variant, kind),
      redirect_uris: options.redirectUris,
      post_logout_redirect_uris: options.postLogoutUris,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope: 'openid profile email offline_access',
      token_endpoint_auth_method: 'none',
      ...KINDS[kind],
      ...VARIANTS[variant],
    },
  });
}

function endSessions() {
  return remove(`oauth2/auth/sessions/login?subject=${ACCOUNT.login}`);
}

function revokeConsent(which) {
  return remove(`oauth2/auth/sessions/consent?${new URLSearchParams({ subject: ACCOUNT.login, ...which })}`);
}

function remove(path) {
  return request(`${admin}/${path}`, { method: 'DELETE' });
}
