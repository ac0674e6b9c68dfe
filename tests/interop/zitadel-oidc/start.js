// Starts the example server of zitadel/oidc, and ends sessions from its side.
import { join } from 'node:path';
import { freePort, readArguments, request, run, serve, waitFor } from '../lib/server.js';

const SHORT_LIFETIME = 10;

// The first of the example's people; no other can be had without replacing them all.
const ACCOUNT = { login: 'test-user@localhost', password: 'verysecure', name: 'Test User' };

// Zitadel itself names the apps of a project and the project.
const VARIANTS = {
  'as-shipped': [],
  audiences: ['sibling', '180000000000000001'],
};

const ACTIONS = ['person-disabled', 'session-deleted', 'client-disabled', 'restore'];

const options = readArguments();
const ports = { issuer: await freePort(), control: await freePort() };
const issuer = `http://localhost:${ports.issuer}/`;
const names = Object.keys(VARIANTS).filter(options.wants);

run(join(options.home, 'bin', 'zitadel-oidc'), [JSON.stringify({
  port: ports.issuer,
  control_port: ports.control,
  redirect_uris: options.redirectUris,
  post_logout_uris: options.postLogoutUris,
  clients: Object.assign({}, ...names.map((variant) => ({
    [idOf(variant, 'usual')]: { audiences: VARIANTS[variant] },
    [idOf(variant, 'short')]: { audiences: VARIANTS[variant], lifetime: SHORT_LIFETIME },
  }))),
})]);
await waitFor(`${issuer}ready`);

await serve({
  account: ACCOUNT,
  variants: Object.fromEntries(names.map((variant) => [variant, {
    usual: { issuer, client_id: idOf(variant, 'usual') },
    short: { issuer, client_id: idOf(variant, 'short'), lifetime: SHORT_LIFETIME },
  }])),
  actions: Object.fromEntries(ACTIONS.map((name) => [name, ({ variant, client }) => tell(name, idOf(variant, client))])),
});

function idOf(variant, kind) {
  return `${variant}-${kind}`;
}

function tell(action, client) {
  return request(`http://127.0.0.1:${ports.control}/${action}?${new URLSearchParams({ client_id: client })}`, { method: 'POST' });
}
