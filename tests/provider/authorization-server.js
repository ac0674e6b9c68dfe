// The authorization server: oidc-provider, set up for public browser clients only.
import { randomBytes } from 'node:crypto';
import { createLocalJWKSet, exportJWK, generateKeyPair } from 'jose';
import { errors, Provider } from 'oidc-provider';
import { askWithoutAccount, createAdministration, registerClients } from './administration.js';
import { createComparisons } from './comparisons.js';
import { DPOP_ALGORITHMS } from './dpop.js';
import { errorPage, signedOutPage, signOutPage } from './pages.js';
import { ENGLISH, languageOf } from './texts.js';
import { interactionRoutes } from './interactions.js';
import { describeRequest } from './record.js';
import { findResource } from './resources.js';
import { interactionPolicyWithSecondFactor, TWO_FACTOR } from './second-factor.js';
import { createStore } from './store.js';
import { askUnlessFromUpstream } from './upstream.js';

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

// RS256 for what OpenID Connect has by default, ES256 for access tokens.
const SIGNING_ALGORITHMS = ['RS256', 'ES256'];
const PROFILE_CLAIMS = [
  'name', 'given_name', 'family_name', 'nickname', 'preferred_username',
  'picture', 'locale', 'zoneinfo', 'website', 'updated_at',
];

const AUTH0_ROUTES = { authorization: '/authorize', token: '/oauth/token' };

// Anyone may read these; everything else answers only to the origins of the clients.
const OPEN_TO_ALL_ORIGINS = /^\/(\.well-known\/|jwks$|pictures\/)/;

async function createSigningKeys(algorithms) {
  const keys = await Promise.all(algorithms.map(createSigningKey));
  return {
    privateKeys: { keys: keys.map((key) => key.privateKey) },
    publicKeys: { keys: keys.map((key) => key.publicKey) },
  };
}

async function createSigningKey(alg) {
  const pair = await generateKeyPair(alg, { extractable: true });
  const marks = { alg, use: 'sig', kid: `${alg.toLowerCase()}-${randomBytes(6).toString('hex')}` };
  return {
    privateKey: { ...await exportJWK(pair.privateKey), ...marks },
    publicKey: { ...await exportJWK(pair.publicKey), ...marks },
  };
}

/**
 * Returns the authorization server for the origin `issuer`: `handle` answers requests, `provider` and
 * `verificationKeys` are for the resource server, and `rotateKeys` puts new signing keys in the place of the old.
 */
export async function createAuthorizationServer({ issuer, resource, options, accounts, record, upstream }) {
  const algorithms = [...new Set([...SIGNING_ALGORITHMS, options.idTokenAlgorithm])];
  const store = createStore();
  const clients = options.clients.map((client) => clientMetadata(client, options));
  await registerClients(store, clients);
  const lasting = { adapter: store, cookieKey: randomBytes(32).toString('hex'), nonceSecret: randomBytes(32) };
  const controls = createAdministration({ store, accounts, clients });
  const comparisons = options.lesson ? createComparisons() : undefined;
  const server = {
    // oidc-provider takes its keys when it is made; new keys are a new one over the same memory.
    async rotateKeys() {
      const { privateKeys, publicKeys } = await createSigningKeys(algorithms);
      const settings = configuration({ issuer, resource, options, accounts, algorithms, privateKeys, lasting, upstream });
      server.provider = createProvider({ issuer, settings, options, accounts, record, controls, comparisons, upstream });
      server.verificationKeys = createLocalJWKSet(publicKeys);
      server.answer = server.provider.callback();
    },
    handle: (request, response) => server.answer(request, response),
  };
  controls.set('/_rotate-keys', server.rotateKeys);
  await server.rotateKeys();
  return server;
}

function createProvider({ issuer, settings, options, accounts, record, controls, comparisons, upstream }) {
  const provider = new Provider(issuer, settings);
  provider.on('server_error', (_context, error) => console.error('authorization server:', error));

  provider.use(recordRequests(record, Number(new URL(issuer).port)));
  provider.use(keepForeignOriginsOut(options.clients));
  if (options.coop) provider.use(cutOffFromOpener);
  if (options.testControls) provider.use(testControls(controls));
  if (comparisons) {
    comparisons.watch(provider);
    provider.use(comparisons.route);
  }
  provider.use(interactionRoutes({ provider, accounts, clients: options.clients, upstream }));
  return provider;
}

/** The browser then gives neither window a handle of the other that would be of any use. */
async function cutOffFromOpener(context, next) {
  await next();
  context.set('Cross-Origin-Opener-Policy', 'same-origin');
}

function configuration({ issuer, resource, options, accounts, algorithms, privateKeys, lasting, upstream }) {
  const { port } = new URL(issuer);
  return {
    adapter: lasting.adapter,
    clientAuthMethods: ['none'],
    clientBasedCORS: (_context, origin, client) => originsOf(client).includes(origin),
    responseTypes: ['code'],
    // Auth0's ID tokens name the person, as those of most providers do.
    ...(options.likeAuth0 ? { routes: AUTH0_ROUTES, conformIdTokenClaims: false } : {}),
    pkce: { required: (_context, { clientId }) => !clientIn(options, clientId)?.withoutPkce },
    jwks: privateKeys,
    enabledJWA: {
      idTokenSigningAlgValues: algorithms,
      userinfoSigningAlgValues: ['RS256'],
      dPoPSigningAlgValues: DPOP_ALGORITHMS,
    },
    acrValues: [TWO_FACTOR],
    ...(upstream ? { extraParams: { upstream: (_context, name) => checkUpstream(name, upstream) } } : {}),
    scopes: ['openid', 'offline_access', 'mail'],
    claims: {
      openid: ['sub'],
      profile: PROFILE_CLAIMS,
      email: ['email', 'email_verified'],
    },
    discovery: { ui_locales_supported: ['en', 'ja'] },
    findAccount: (_context, sub) => findAccount(accounts, sub),
    interactions: {
      policy: policyFor(accounts),
      url: (_context, interaction) => `/interaction/${interaction.uid}`,
    },
    extraTokenClaims: authenticationOf,
    cookies: {
      // Cookies know no ports: with the port in the name, providers on one host leave each other alone.
      names: {
        session: `pixy_session_${port}`,
        interaction: `pixy_interaction_${port}`,
        resume: `pixy_resume_${port}`,
      },
      keys: [lasting.cookieKey],
    },
    // No grace after expiry, so that a test can tell when a token ends.
    clockTolerance: 0,
    allowOmittingSingleRegisteredRedirectUri: false,
    rotateRefreshToken: true,
    issueRefreshToken: (_context, _client, { scopes }) => options.refreshTokens || scopes.has('offline_access'),
    // Revoking tokens is not taking back consent: the next sign-in need not ask again.
    revokeGrantPolicy: (context) => context.oidc.route !== 'revocation',
    ttl: timesToLive(options),
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: options.dpop, nonceSecret: lasting.nonceSecret, requireNonce: () => options.dpopNonce },
      jwtUserinfo: { enabled: options.signedUserinfo },
      pushedAuthorizationRequests: {
        enabled: true,
        requirePushedAuthorizationRequests: options.requirePar,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_context, _client, oneOf) => oneOf,
        useGrantedResource: () => false,
        getResourceServerInfo: (_context, indicator) => resourceServerInfo(indicator, resource),
      },
      revocation: {
        enabled: true,
        allowedPolicy: (_context, client, token) => token.clientId === client.clientId,
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: showSignOut,
        postLogoutSuccessSource: showSignedOut,
      },
    },
    renderError: showError,
  };
}

function clientMetadata(client, { idTokenAlgorithm, signedUserinfo }) {
  const { id, redirectUris, postLogoutRedirectUris } = client;
  return {
    client_id: id,
    client_name: ENGLISH.clientName(client),
    application_type: 'web',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: redirectUris,
    post_logout_redirect_uris: postLogoutRedirectUris,
    id_token_signed_response_alg: idTokenAlgorithm,
    ...(signedUserinfo ? { userinfo_signed_response_alg: 'RS256' } : {}),
  };
}

function policyFor(accounts) {
  return askUnlessFromUpstream(askWithoutAccount(interactionPolicyWithSecondFactor()), accounts);
}

function checkUpstream(name, upstream) {
  if (name === undefined || name === upstream.name) return;
  throw new errors.InvalidRequest(`upstream is ${upstream.name} or nothing here`);
}

function clientIn(options, id) {
  return options.clients.find((client) => client.id === id);
}

function originsOf(client) {
  return client.redirectUris.map((uri) => new URL(uri).origin);
}

function findAccount(accounts, sub) {
  const person = accounts.bySubject(sub);
  return person && { accountId: sub, claims: () => ({ sub, ...person.claims }) };
}

function resourceServerInfo(indicator, resource) {
  const found = findResource(resource, indicator);
  if (!found) throw new errors.InvalidTarget('this resource is not known here');
  return {
    ...found,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'ES256' } },
  };
}

/** How and when the person signed in, for the resource server (RFC 9470 §6.1, RFC 9068 §2.2.1). */
function authenticationOf(context) {
  const { AuthorizationCode, RefreshToken } = context.oidc.entities;
  const { acr, authTime } = AuthorizationCode ?? RefreshToken;
  return { acr, auth_time: authTime };
}

function timesToLive(options) {
  return {
    AccessToken: (_context, _token, { clientId }) => clientIn(options, clientId)?.tokenLifetime ?? options.tokenLifetime,
    // Somebody may be stepping through the flow by hand.
    AuthorizationCode: options.lesson ? 10 * MINUTE : MINUTE,
    IdToken: 60 * MINUTE,
    Interaction: 60 * MINUTE,
    Session: 14 * DAY,
    Grant: 14 * DAY,
    // RFC 9700 §4.14.2: a rotated token does not outlive the first of its family.
    RefreshToken: (context) => context?.oidc.entities.RotatedRefreshToken?.remainingTTL ?? 14 * DAY,
  };
}

function showSignOut(context, form) {
  signOutPage(context, {
    language: languageOf(context, context.oidc.params.ui_locales),
    form,
    client: context.oidc.client?.clientId,
    returnTo: context.oidc.params.post_logout_redirect_uri,
  });
}

function showSignedOut(context) {
  signedOutPage(context, { language: languageOf(context) });
}

function showError(context, { error, error_description: description }) {
  errorPage(context, { language: languageOf(context), error, description });
}

function recordRequests(record, port) {
  return async (context, next) => {
    const write = (status) => record(describeRequest({
      request: context.req, port, status, body: context.oidc?.body ?? context.form,
    }));
    try {
      await next();
    } catch (error) {
      write(error.status ?? 500);
      throw error;
    }
    write(context.status);
  };
}

function testControls(controls) {
  return async (context, next) => {
    const control = controls.get(context.path);
    if (!control || context.method !== 'POST') return next();
    await control(context.query);
    context.status = 204;
  };
}

/** oidc-provider answers a preflight before it knows the client; the origins are known here. */
function keepForeignOriginsOut(clients) {
  const known = new Set(clients.flatMap((client) => client.origins));
  return async (context, next) => {
    await next();
    if (known.has(context.get('Origin')) || OPEN_TO_ALL_ORIGINS.test(context.path)) return;
    context.remove('Access-Control-Allow-Origin');
  };
}
