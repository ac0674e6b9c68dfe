// Starts the project's own test provider, and ends sessions from its side.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { readArguments, request, run, serve } from '../lib/server.js';

const SERVER = fileURLToPath(new URL('../../provider/server.js', import.meta.url));
const CLIENT_ID = 'pixy-interop';
const LOGIN = 'ada';
const SHORT_LIFETIME = 10;

const VARIANTS = {
  plain: ['--refresh-tokens', '--no-dpop'],
  dpop: ['--refresh-tokens'],
  par: ['--refresh-tokens', '--require-par'],
  'no-refresh-token': [],
};

// Lifetimes are those of the whole server, so each kind of client has its own.
const KINDS = {
  usual: [],
  short: ['--token-lifetime', String(SHORT_LIFETIME)],
};

const options = readArguments();
const names = Object.keys(VARIANTS).filter(options.wants);
const servers = Object.fromEntries(await Promise.all(names.map(async (variant) => [variant, {
  usual: await start([...VARIANTS[variant], ...KINDS.usual]),
  short: await start([...VARIANTS[variant], ...KINDS.short]),
}])));

await serve({
  account: accountOf(servers[names[0]].usual),
  variants: Object.fromEntries(names.map((variant) => [variant, {
    usual: about(servers[variant].usual),
    short: { ...about(servers[variant].short), lifetime: SHORT_LIFETIME },
  }])),
  actions: {
    'person-disabled': administer('_disable-person', { person: LOGIN }),
    'session-deleted': administer('_delete-sessions', { person: LOGIN }),
    'consent-revoked': administer('_revoke-consent', { person: LOGIN, client: CLIENT_ID }),
    'client-disabled': administer('_disable-client', { client: CLIENT_ID }),
    restore: administer('_restore'),
  },
});

/** Starts one provider and returns what it says of itself. */
async function start(args) {
  const client = [
    '--client', `${CLIENT_ID}=${options.redirectUris}`,
    '--post-logout', `${CLIENT_ID}=${options.postLogoutUris}`,
  ];
  const ports = ['--port', '0', '--resource-port', '0'];
  // It ends when its input does, and says where it is on its output.
  const stdio = ['pipe', 'pipe', 2];
  const child = run(process.execPath, [SERVER, '--test-controls', ...ports, ...client, ...args], { stdio });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return JSON.parse(line);
}

function accountOf({ accounts }) {
  return accounts.find(({ login }) => login === LOGIN);
}

function about({ issuer }) {
  return { issuer, client_id: CLIENT_ID };
}

function administer(action, query) {
  return ({ variant, client }) => request(
    `${servers[variant][client].issuer}/${action}?${new URLSearchParams(query)}`,
    { method: 'POST' },
  );
}
