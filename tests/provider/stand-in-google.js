// Stands in for Google where nobody has registered a client there: what Google's documents promise
// (https://developers.google.com/identity/openid-connect/reference), with people who are made up.
import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import { interactionPolicy, Provider } from 'oidc-provider';
import { portrait } from './accounts.js';
import { readForm, serveAsset, servePicture } from './interactions.js';
import { errorPage, standInPage } from './pages.js';
import { describeRequest } from './record.js';
import { createStore } from './store.js';
import { languageOf } from './texts.js';

const HOUR = 3600;

const PEOPLE = [
  {
    login: 'kokoro',
    portrait: { background: '#fbe3c0', hair: '#26211f', skin: '#f0c8a6', clothes: '#2f6f5e' },
    claims: {
      sub: '104836027511940638215',
      name: '田中 こころ',
      given_name: 'こころ',
      family_name: '田中',
      email: 'kokoro.tanaka@example.com',
      email_verified: true,
    },
  },
  {
    login: 'grace',
    portrait: { background: '#cfe8ea', hair: '#8a8f98', skin: '#f1cdb4', clothes: '#27406b' },
    claims: {
      sub: '117402958836620471093',
      name: 'Grace Murray',
      given_name: 'Grace',
      family_name: 'Murray',
      email: 'grace@harbour.example',
      email_verified: true,
      // Only people of an organization have one.
      hd: 'harbour.example',
    },
  },
];

/**
 * Returns the stand-in at `issuer` for one client, which comes back to `redirectUri`: its `handle`, and the
 * `clientId` and `clientSecret` that Google's console would show. `origins` are the apps that people go on to.
 */
export async function createStandInGoogle({ issuer, redirectUri, origins, record }) {
  const clientId = 'stand-in.apps.googleusercontent.com';
  const clientSecret = `stand-in-${randomBytes(24).toString('base64url')}`;
  const people = PEOPLE.map((person) => ({
    ...person,
    claims: { ...person.claims, picture: `${issuer}/pictures/${person.login}.svg` },
  }));
  const settings = await configuration({ issuer, people, clientId, clientSecret, redirectUri });
  const provider = new Provider(issuer, settings);
  provider.on('server_error', (_context, error) => console.error('stand-in:', error));
  provider.use(recordRequests(record, Number(new URL(issuer).port)));
  provider.use(routes({ provider, people, formTargets: [redirectUri, ...origins] }));
  return { handle: provider.callback(), clientId, clientSecret };
}

async function configuration({ issuer, people, clientId, clientSecret, redirectUri }) {
  const { port } = new URL(issuer);
  return {
    adapter: createStore(),
    // Web clients have a secret at Google, and PKCE does not replace it.
    clientAuthMethods: ['client_secret_post', 'client_secret_basic'],
    clientBasedCORS: () => true,
    clients: [{
      client_id: clientId,
      client_secret: clientSecret,
      client_name: clientId,
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      redirect_uris: [redirectUri],
    }],
    responseTypes: ['code'],
    pkce: { required: () => false },
    jwks: { keys: [await createSigningKey()] },
    enabledJWA: { idTokenSigningAlgValues: ['RS256'] },
    scopes: ['openid'],
    claims: {
      openid: ['sub', 'hd'],
      profile: ['name', 'given_name', 'family_name', 'picture'],
      email: ['email', 'email_verified'],
    },
    // Google puts the profile into the ID token, too.
    conformIdTokenClaims: false,
    findAccount: (_context, sub) => findAccount(people, sub),
    interactions: {
      policy: policyWithAccountChoice(),
      url: (_context, interaction) => `/interaction/${interaction.uid}`,
    },
    cookies: {
      names: { session: `stand_in_session_${port}`, interaction: `stand_in_interaction_${port}`, resume: `stand_in_resume_${port}` },
      keys: [randomBytes(32).toString('hex')],
    },
    routes: {
      authorization: '/o/oauth2/v2/auth',
      token: '/token',
      userinfo: '/v1/userinfo',
      jwks: '/oauth2/v3/certs',
      revocation: '/revoke',
    },
    ttl: { AccessToken: HOUR, AuthorizationCode: 60, IdToken: HOUR, Interaction: HOUR, Session: 24 * HOUR, Grant: 24 * HOUR },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: false },
    },
    renderError: showError,
  };
}

async function createSigningKey() {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...await exportJWK(privateKey), alg: 'RS256', use: 'sig', kid: randomBytes(10).toString('hex') };
}

function findAccount(people, sub) {
  const person = people.find(({ claims }) => claims.sub === sub);
  return person && { accountId: sub, claims: () => person.claims };
}

/** Google knows `prompt=select_account`. */
function policyWithAccountChoice() {
  const policy = interactionPolicy.base();
  policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0);
  return policy;
}

function routes({ provider, people, formTargets }) {
  return async (context, next) => {
    const [, place, name] = /^\/(assets|pictures|interaction)\/([^/]+)$/.exec(context.path) ?? [];
    if (place === 'assets') return serveAsset(context);
    if (place === 'pictures') return servePicture(context, portrait(portraitOf(people, name)));
    if (place === 'interaction') return interact(context);
    if (context.path === '/userinfo/v2/me') return me(context);
    return next();
  };

  async function interact(context) {
    context.set('Cache-Control', 'no-store');
    const interaction = await provider.interactionDetails(context.req, context.res);
    if (context.method !== 'POST') return show(context, interaction);
    context.form = await readForm(context);
    const person = people.find(({ login }) => login === context.form.person);
    const result = person ? await allow(person, interaction.params) : { error: 'access_denied' };
    context.redirect(await provider.interactionResult(context.req, context.res, result));
    context.status = 303;
    return undefined;
  }

  /** As at Google, whoever chooses an account has allowed the profile with it. */
  async function allow({ claims: { sub } }, { client_id: clientId, scope }) {
    const grant = new provider.Grant({ accountId: sub, clientId });
    grant.addOIDCScope(scope);
    return { select_account: {}, login: { accountId: sub }, consent: { grantId: await grant.save() } };
  }

  function show(context, { uid, params }) {
    standInPage(context, {
      language: languageOf(context), uid, label: 'Google', client: params.client_id, people, formTargets,
    });
  }

  /** What Google had before OpenID Connect, and what many still ask. */
  async function me(context) {
    const [, token] = /^Bearer (.+)$/i.exec(context.get('Authorization')) ?? [];
    const found = token && await provider.AccessToken.find(token);
    context.set('Cache-Control', 'no-store');
    if (!found) {
      context.status = 401;
      context.body = { error: { code: 401, message: 'Request is missing required authentication credential.', status: 'UNAUTHENTICATED' } };
      return;
    }
    const { claims } = people.find(({ claims: { sub } }) => sub === found.accountId);
    const { sub: id, email_verified: verified, ...rest } = claims;
    context.body = { id, verified_email: verified, ...rest };
  }
}

function portraitOf(people, name) {
  return people.find(({ login }) => `${login}.svg` === name)?.portrait;
}

function showError(context, { error, error_description: description }) {
  errorPage(context, { language: languageOf(context), error, description });
}

function recordRequests(record, port) {
  return async (context, next) => {
    await next();
    record(describeRequest({ request: context.req, port, status: context.status, body: context.oidc?.body ?? context.form }));
  };
}
