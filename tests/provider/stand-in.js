// Stands in for an upstream where nobody has registered a client there: does what the upstream's documents
// promise (stand-in-google.js, stand-in-github.js), for people who are made up.
import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import { interactionPolicy, Provider } from 'oidc-provider';
import { portrait } from './accounts.js';
import { readForm, serveAsset, servePicture } from './interactions.js';
import { errorPage, standInPage } from './pages.js';
import { describeRequest } from './record.js';
import { GITHUB } from './stand-in-github.js';
import { GOOGLE } from './stand-in-google.js';
import { createStore } from './store.js';
import { languageOf } from './texts.js';

const HOUR = 3600;

const STAND_INS = { google: GOOGLE, github: GITHUB };

/**
 * Returns the stand-in for the upstream `name` at `issuer`, for one client, which comes back to `redirectUri`: its
 * `handle`, and the `clientId` and `clientSecret` that the upstream's console would show. `origins` are the apps that
 * people go on to.
 */
export async function createStandIn({ name, label, issuer, redirectUri, origins, record }) {
  const kind = STAND_INS[name];
  const { clientId } = kind;
  const clientSecret = `stand-in-${randomBytes(24).toString('base64url')}`;
  const people = kind.people(issuer);
  const settings = await configuration({ kind, issuer, people, clientSecret, redirectUri });
  const provider = new Provider(issuer, settings);
  provider.on('server_error', (_context, error) => console.error('stand-in:', error));
  provider.use(recordRequests(record, Number(new URL(issuer).port)));
  if (kind.adapt) provider.use(kind.adapt);
  provider.use(routes({ provider, kind, label, people, formTargets: [redirectUri, ...origins] }));
  return { handle: provider.callback(), clientId, clientSecret };
}

async function configuration({ kind, issuer, people, clientSecret, redirectUri }) {
  const { port } = new URL(issuer);
  return {
    adapter: createStore(),
    // Web clients have a secret there, and PKCE does not replace it.
    clientAuthMethods: ['client_secret_post', 'client_secret_basic'],
    clientBasedCORS: () => true,
    clients: [{
      client_id: kind.clientId,
      client_secret: clientSecret,
      client_name: kind.clientId,
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      redirect_uris: [redirectUri],
    }],
    responseTypes: ['code'],
    pkce: { required: () => false },
    jwks: { keys: [await createSigningKey()] },
    enabledJWA: { idTokenSigningAlgValues: ['RS256'] },
    // The profile stands in the ID token, too.
    conformIdTokenClaims: false,
    scopes: kind.scopes,
    claims: kind.claims,
    routes: kind.routes,
    findAccount: (_context, sub) => findAccount(people, sub),
    interactions: {
      policy: policyWithAccountChoice(),
      url: (_context, interaction) => `/interaction/${interaction.uid}`,
    },
    cookies: {
      names: { session: `stand_in_session_${port}`, interaction: `stand_in_interaction_${port}`, resume: `stand_in_resume_${port}` },
      keys: [randomBytes(32).toString('hex')],
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

/** Google and GitHub know `prompt=select_account`. */
function policyWithAccountChoice() {
  const policy = interactionPolicy.base();
  policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0);
  return policy;
}

function routes({ provider, kind, label, people, formTargets }) {
  return async (context, next) => {
    const [, place, name] = /^\/(assets|pictures|interaction)\/([^/]+)$/.exec(context.path) ?? [];
    if (place === 'assets') return serveAsset(context);
    if (place === 'pictures') return servePicture(context, portrait(portraitOf(people, name)));
    if (place === 'interaction') return interact(context);
    if (Object.hasOwn(kind.apis, context.path)) return answerApi(context);
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

  /** Whoever chooses an account has allowed the profile with it, as there. */
  async function allow({ claims: { sub } }, { client_id: clientId, scope }) {
    const grant = new provider.Grant({ accountId: sub, clientId });
    grant.addOIDCScope(scope);
    return { select_account: {}, login: { accountId: sub }, consent: { grantId: await grant.save() } };
  }

  function show(context, { uid }) {
    standInPage(context, { language: languageOf(context), uid, label, people, formTargets });
  }

  async function answerApi(context) {
    const [, token] = /^(?:bearer|token) (.+)$/i.exec(context.get('Authorization')) ?? [];
    const found = token && await provider.AccessToken.find(token);
    context.set('Cache-Control', 'no-store');
    if (!found) {
      context.status = 401;
      context.body = kind.refusal;
      return;
    }
    context.body = kind.apis[context.path](people.find(({ claims: { sub } }) => sub === found.accountId));
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
