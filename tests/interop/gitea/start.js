// Starts a Gitea for each client of each variant, because its settings are for all clients, and ends
// sessions from its side.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { freePort, output, readArguments, request, run, serve, waitFor } from '../lib/server.js';

const LOOPBACK = '127.0.0.1';
const SHORT_LIFETIME = 10;
const ACCOUNT = { login: 'ada', password: randomBytes(16).toString('hex'), name: 'Ada Lovelace' };

const VARIANTS = {
  'as-shipped': {},
  'authorization-allowed': { cors: { HEADERS: 'Content-Type,User-Agent,Authorization' } },
  rotating: { oauth2: { INVALIDATE_REFRESH_TOKENS: true } },
};

const KINDS = {
  usual: {},
  short: { oauth2: { ACCESS_TOKEN_EXPIRATION_TIME: SHORT_LIFETIME } },
};

// Every page loads these, and shows an alert without them. They are built by npm and not in the module.
const ASSETS = { 'js/index.js': '', 'js/iife.js': '', '.vite/manifest.json': '{}' };

const options = readArguments();
// It refuses to run as root.
const user = process.getuid?.() === 0 ? await nobody() : undefined;
const home = user ? openToNobody() : options.home;
const program = join(home, 'bin', 'gitea');
// Everything else in the environment could change its settings. It finds git by PATH, and writes into HOME.
const started = { ...user, env: { PATH: process.env.PATH, HOME: options.data } };

// `run` adds a listener each time that an instance begins anew.
process.setMaxListeners(0);

const seed = await instanceOf('seed');
const { token, client } = await prepareSeed();
const instances = {};
for (const variant of Object.keys(VARIANTS).filter(options.wants)) {
  instances[variant] = {};
  for (const kind of Object.keys(KINDS)) {
    instances[variant][kind] = await instanceOf(`${variant}-${kind}`, VARIANTS[variant], KINDS[kind]);
  }
}
await Promise.all(Object.values(instances).flatMap(Object.values).map(plantSeed));

await serve({
  account: ACCOUNT,
  variants: Object.fromEntries(Object.entries(instances).map(([variant, { usual, short }]) => [variant, {
    usual: { issuer: usual.url, client_id: client.client_id },
    short: { issuer: short.url, client_id: client.client_id, lifetime: SHORT_LIFETIME },
  }])),
  actions: {
    'person-disabled': (which) => api(meant(which), 'PATCH', `admin/users/${ACCOUNT.login}`, {
      source_id: 0,
      login_name: ACCOUNT.login,
      prohibit_login: true,
    }),
    async 'session-deleted'(which) {
      // As shipped, it has sessions in its memory and no other way to end them.
      await stop(meant(which));
      await begin(meant(which));
    },
    'consent-revoked': (which) => revokeConsent(meant(which)),
    'client-disabled': (which) => api(meant(which), 'DELETE', `user/applications/oauth2/${client.id}`),
    async restore(which) {
      await stop(meant(which));
      await plantSeed(meant(which));
    },
  },
});

async function nobody() {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((which) => output('id', [which, 'nobody'])));
  return { uid: Number(uid), gid: Number(gid) };
}

/** The folder with the program may be one that only root may enter, so that is copied into the data. */
function openToNobody() {
  const copy = join(options.data, 'home');
  cpSync(options.home, copy, { recursive: true });
  chownSync(options.data, user.uid, user.gid);
  return copy;
}

function meant({ variant, client: kind }) {
  return instances[variant][kind];
}

async function instanceOf(name, ...changes) {
  const port = await freePort();
  return { folder: join(options.data, name), port, url: `http://localhost:${port}`, changes };
}

/** Makes what every instance begins with: a database with the accounts and the client, and the keys. */
async function prepareSeed() {
  await begin(seed);
  await createUser(ACCOUNT.login, '--fullname', ACCOUNT.name, '--password', ACCOUNT.password);
  const told = await createUser('keeper', '--random-password', '--admin', '--access-token');
  const [, token] = /Access token was successfully created\.\.\. (\S+)/.exec(told);
  seed.token = token;
  const client = await api(seed, 'POST', 'user/applications/oauth2', {
    name: 'app',
    confidential_client: false,
    redirect_uris: options.redirectUris,
  });
  await stop(seed);
  return { token, client };
}

function createUser(name, ...more) {
  const who = ['--username', name, '--email', `${name}@example.org`, '--must-change-password=false'];
  return output(program, ['admin', 'user', 'create', '--work-path', seed.folder, ...who, ...more], started);
}

/** The only way back to a client with the same id is the database as it was. */
async function plantSeed(instance) {
  rmSync(instance.folder, { recursive: true, force: true });
  cpSync(seed.folder, instance.folder, { recursive: true });
  instance.token = token;
  await begin(instance);
}

async function begin(instance) {
  write(join(instance.folder, 'custom/conf/app.ini'), settings(instance));
  for (const [name, text] of Object.entries(ASSETS)) write(join(instance.folder, 'custom/public/assets', name), text);
  if (user) await output('chown', ['-R', `${user.uid}:${user.gid}`, instance.folder]);
  instance.child = run(program, ['web', '--work-path', instance.folder], started);
  await waitFor(`${instance.url}/api/healthz`);
}

async function stop({ child }) {
  // It ends because it is told to, so that is no failure.
  child.removeAllListeners('exit');
  child.kill();
  await once(child, 'exit');
}

function settings({ port, url, changes }) {
  const sections = {
    server: {
      HTTP_ADDR: LOOPBACK,
      HTTP_PORT: port,
      ROOT_URL: `${url}/`,
      STATIC_ROOT_PATH: home,
    },
    database: { DB_TYPE: 'sqlite3' },
    security: { INSTALL_LOCK: true },
    cors: { ENABLED: true },
    'cron.update_checker': { ENABLED: false },
  };
  for (const [name, values] of changes.flatMap(Object.entries)) {
    sections[name] = { ...sections[name], ...values };
  }
  return Object.entries(sections).map(([name, values]) => (
    `[${name}]\n${Object.entries(values).map(([key, value]) => `${key} = ${value}\n`).join('')}`
  )).join('\n');
}

function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function api({ url, token: authorization }, method, path, json) {
  return request(`${url}/api/v1/${path}`, { method, json, headers: { authorization: `token ${authorization}` } });
}

/** What the person does in the settings: the API has no way to do it. */
async function revokeConsent({ url }) {
  const { login: user_name, password } = ACCOUNT;
  const body = new URLSearchParams({ user_name, password });
  const signedIn = await fetch(`${url}/user/login`, { method: 'POST', body, redirect: 'manual' });
  // It sets the cookie of the session twice: signing in begins another one.
  const [cookie] = signedIn.headers.getSetCookie().findLast((one) => one.startsWith('i_like_gitea=')).split(';');
  const page = await fetch(`${url}/user/settings/applications`, { headers: { cookie } });
  const [, revocation] = /data-url="([^"]*\/revoke\/\d+)"/.exec(await page.text());
  await request(`${url}${revocation}`, { method: 'POST', headers: { cookie } });
}
