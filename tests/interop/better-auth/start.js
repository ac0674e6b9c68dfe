// Starts Better Auth with its OAuth provider plugin, and ends sessions from its side.
import { randomBytes } from 'node:crypto';
import { freePort, importFrom, readArguments, serve } from '../lib/server.js';
import { CONSENT_PAGE, SIGN_IN_PAGE } from './pages.js';

const LOOPBACK = '127.0.0.1';
const SHORT_LIFETIME = 10;
const ACCOUNT = { login: 'ada@example.test', password: 'interop-ada-1843', name: 'Ada Lovelace' };
const ADMINISTRATOR = { login: 'admin@example.test', password: 'interop-admin-1', name: 'Administrator' };

// The headers that CORS lets in. The first are those of Better Auth's guides for Hono and Elysia.
const VARIANTS = {
  documented: ['Content-Type', 'Authorization'],
  'dpop-allowed': ['Content-Type', 'Authorization', 'DPoP'],
};

// Lifetimes are those of the whole server, so each kind of client has its own.
const KINDS = {
  usual: {},
  short: { accessTokenExpiresIn: SHORT_LIFETIME },
};

const options = readArguments();
const { betterAuth } = await importFrom(options.home, 'better-auth');
const { memoryAdapter } = await importFrom(options.home, 'better-auth/adapters/memory');
const { getAuthTables } = await importFrom(options.home, 'better-auth/db');
const { admin, jwt } = await importFrom(options.home, 'better-auth/plugins');
const { oauthProvider } = await importFrom(options.home, '@better-auth/oauth-provider');
const { Hono } = await importFrom(options.home, 'hono');
const { cors } = await importFrom(options.home, 'hono/cors');
const node = await importFrom(options.home, '@hono/node-server');

const instances = {};
for (const variant of Object.keys(VARIANTS).filter(options.wants)) {
  instances[variant] = {
    usual: await start(VARIANTS[variant], KINDS.usual),
    short: await start(VARIANTS[variant], KINDS.short),
  };
}

await serve({
  account: ACCOUNT,
  variants: Object.fromEntries(Object.entries(instances).map(([variant, { usual, short }]) => [variant, {
    usual: usual.about,
    short: { ...short.about, lifetime: SHORT_LIFETIME },
  }])),
  actions: {
    'person-disabled': on((instance) => instance.asAdmin('banUser')),
    'session-deleted': on((instance) => instance.asAdmin('revokeUserSessions')),
    'consent-revoked': on((instance) => instance.deleteConsent()),
    'client-disabled': on((instance) => instance.disableClient(true)),
    restore: on(restore),
  },
});

function on(action) {
  return ({ variant, client }) => action(instances[variant][client]);
}

async function restore(instance) {
  await instance.asAdmin('unbanUser');
  await instance.asAdmin('revokeUserSessions');
  await instance.deleteConsent();
  await instance.disableClient(false);
}

async function start(allowHeaders, lifetimes) {
  const port = await freePort();
  const auth = configure(port, lifetimes);
  await listen(auth, port, allowHeaders);
  const { user } = await auth.api.createUser({ body: userOf(ACCOUNT) });
  const headers = await signInAsAdmin(auth);
  const { client_id: clientId } = await createClient(auth, headers);
  const { adapter } = await auth.$context;
  return {
    about: { issuer: `http://localhost:${port}/api/auth`, client_id: clientId },
    asAdmin: (action) => auth.api[action]({ body: { userId: user.id }, headers }),
    // The plugin has no endpoints for administrators that do these.
    deleteConsent: () => adapter.deleteMany({ model: 'oauthConsent', where: [where('clientId', clientId)] }),
    disableClient: (disabled) => adapter.update({
      model: 'oauthClient', where: [where('clientId', clientId)], update: { disabled },
    }),
  };
}

function configure(port, lifetimes) {
  return betterAuth({
    baseURL: `http://localhost:${port}`,
    secret: randomBytes(32).toString('hex'),
    database: memory,
    trustedOrigins: options.origins,
    emailAndPassword: { enabled: true },
    // Cookies know no ports: with the port in the name, instances on one host leave each other alone.
    advanced: { cookiePrefix: `better-auth-${port}` },
    disabledPaths: ['/token'],
    plugins: [
      jwt(),
      admin(),
      oauthProvider({ loginPage: '/sign-in', consentPage: '/consent', ...lifetimes }),
    ],
  });
}

/** Without a database of its own, Better Auth would keep sessions in cookies, where nobody could end them. */
function memory(settings) {
  const tables = Object.keys(getAuthTables(settings)).map((name) => [name, []]);
  return memoryAdapter(Object.fromEntries(tables))(settings);
}

function listen(auth, port, allowHeaders) {
  const app = new Hono();
  app.use('/api/auth/*', cors({
    origin: options.origins,
    allowHeaders,
    allowMethods: ['POST', 'GET', 'OPTIONS'],
    exposeHeaders: ['Content-Length'],
    maxAge: 600,
    credentials: true,
  }));
  app.on(['POST', 'GET'], '/api/auth/*', (context) => auth.handler(context.req.raw));
  app.get('/sign-in', (context) => context.html(SIGN_IN_PAGE));
  app.get('/consent', (context) => context.html(CONSENT_PAGE));
  return new Promise((resolve) => {
    node.serve({ fetch: app.fetch, hostname: LOOPBACK, port }, resolve);
  });
}

async function signInAsAdmin(auth) {
  await auth.api.createUser({ body: { ...userOf(ADMINISTRATOR), role: 'admin' } });
  const { email, password } = userOf(ADMINISTRATOR);
  const { headers } = await auth.api.signInEmail({ body: { email, password }, returnHeaders: true });
  return new Headers({ cookie: headers.getSetCookie().map((cookie) => cookie.split(';')[0]).join('; ') });
}

function userOf({ login, password, name }) {
  return { email: login, password, name };
}

function createClient(auth, headers) {
  return auth.api.adminCreateOAuthClient({
    headers,
    body: {
      client_name: 'Pixy Login',
      // A web client may not have redirect URIs of http, on loopback neither.
      application_type: 'native',
      redirect_uris: options.redirectUris,
      post_logout_redirect_uris: options.postLogoutUris,
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      scope: 'openid profile email offline_access',
      enable_end_session: true,
    },
  });
}

function where(field, value) {
  return { field, value };
}
