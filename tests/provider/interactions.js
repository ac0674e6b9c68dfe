// What a person meets on the way: the sign-in page, the consent page, and the files these use.
import { readFileSync } from 'node:fs';
import { errors } from 'oidc-provider';
import { consentPage, errorPage, secondFactorPage, signInPage } from './pages.js';
import { ONE_TIME_CODE, TWO_FACTOR } from './second-factor.js';
import { languageOf } from './texts.js';
import { errorForApp, reasonOf } from './upstream.js';

const LONGEST_FORM = 16384;
const SIGN_OUT_PATH = '/session/end';

const ASSETS = new Map([
  asset('pages.css', 'text/css'),
  asset('sign-in.js', 'text/javascript'),
  asset('icon.svg', 'image/svg+xml'),
]);

function asset(name, type) {
  return [`/assets/${name}`, { type, content: readFileSync(new URL(`assets/${name}`, import.meta.url)) }];
}

/** Returns the Koa middleware that serves these pages and leaves all other paths to the provider. */
export function interactionRoutes({ provider, accounts, clients, upstream }) {
  return async function route(context, next) {
    const [, place, name] = /^\/(assets|pictures|interaction)\/([^/]+)$/.exec(context.path) ?? [];
    if (place === 'assets') return serveAsset(context);
    if (place === 'pictures') return servePicture(context, accounts.portraitOf(name.replace(/\.svg$/, '')));
    if (upstream && context.method === 'GET') {
      if (context.path === new URL(upstream.redirectUri).pathname) return passOn(context);
      const [, uid] = /^\/interaction\/([^/]+)\/upstream$/.exec(context.path) ?? [];
      if (uid) return whenInteracting(context, uid, finishAtUpstream);
    }
    if (place === 'interaction') return serveInteraction(context, name);
    if (context.path === SIGN_OUT_PATH && context.method === 'POST') return signOutByPost(context);
    return next();
  };

  function serveInteraction(context, uid) {
    return whenInteracting(context, uid, async (interaction) => {
      if (context.method === 'POST') return submit(context, interaction);
      if (upstream && interaction.prompt.name === 'login' && interaction.params.upstream) {
        return beginAtUpstream(context, interaction);
      }
      return show(context, interaction);
    });
  }

  async function whenInteracting(context, uid, act) {
    context.set('Cache-Control', 'no-store');
    try {
      await act(await findInteraction(context, uid), context);
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error;
      showExpired(context);
    }
  }

  /** The person asked their app for the upstream, so that there is nothing to ask here. */
  async function beginAtUpstream(context, interaction) {
    try {
      context.redirect(await upstream.begin(interaction));
      context.status = 303;
    } catch (error) {
      await failAtUpstream(context, error);
    }
  }

  /** Only the interaction's own address gets the cookie that says whose sign-in it is. */
  function passOn(context) {
    context.set('Cache-Control', 'no-store');
    const uid = upstream.uidOf(context.query.state);
    if (!uid) return showExpired(context);
    context.redirect(`/interaction/${uid}/upstream${context.search}`);
    context.status = 303;
    return undefined;
  }

  async function finishAtUpstream({ uid }, context) {
    let visitor;
    try {
      visitor = await upstream.finish(new URLSearchParams(context.querystring), uid);
    } catch (error) {
      return failAtUpstream(context, error);
    }
    const { sub } = accounts.welcome(visitor);
    return finish(context, { login: { accountId: sub } });
  }

  function failAtUpstream(context, error) {
    const told = errorForApp(error, upstream.label);
    if (told.error !== 'access_denied') console.error(`${upstream.label}: ${reasonOf(error)}`);
    return finish(context, told);
  }

  async function findInteraction(context, uid) {
    const interaction = await provider.interactionDetails(context.req, context.res);
    if (interaction.uid !== uid) throw new errors.SessionNotFound('another interaction');
    return interaction;
  }

  async function submit(context, interaction) {
    // The interaction's id in the path can't be guessed, so no other page can post this form.
    context.form = await readForm(context);
    if (context.form.action === 'cancel') {
      return finish(context, { error: 'access_denied', error_description: 'the person cancelled' });
    }
    if (interaction.prompt.name === 'login') return signIn(context, interaction);
    if (interaction.prompt.name === 'second_factor') return checkCode(context, interaction);
    return consent(context, interaction);
  }

  async function signIn(context, interaction) {
    const { login = '', password = '' } = context.form;
    const person = accounts.byPassword(login.trim().toLowerCase(), password);
    if (person) return finish(context, { login: { accountId: person.sub } });
    context.status = 400;
    return show(context, interaction, { login, wrong: true });
  }

  async function checkCode(context, interaction) {
    const { code = '' } = context.form;
    const { accountId } = interaction.session;
    if (code.replace(/\s/g, '') === ONE_TIME_CODE) {
      return finish(context, { login: { accountId, acr: TWO_FACTOR, amr: ['pwd', 'otp', 'mfa'] } });
    }
    context.status = 400;
    return show(context, interaction, { wrong: true });
  }

  async function consent(context, { grantId, session, params, prompt }) {
    const known = grantId && await provider.Grant.find(grantId);
    const grant = known || new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    const { missingOIDCScope = [], missingResourceScopes = {} } = prompt.details;
    if (missingOIDCScope.length) grant.addOIDCScope(missingOIDCScope);
    for (const [indicator, scopes] of Object.entries(missingResourceScopes)) {
      grant.addResourceScope(indicator, scopes);
    }
    return finish(context, { consent: { grantId: await grant.save() } });
  }

  async function finish(context, result) {
    context.redirect(await provider.interactionResult(context.req, context.res, result));
    context.status = 303;
  }

  async function show(context, { uid, params, prompt, session }, { login, wrong } = {}) {
    const language = languageOf(context, params.ui_locales);
    const client = language.clientName(clients.find(({ id }) => id === params.client_id));
    const common = { language, uid, client, returnTo: params.redirect_uri };
    if (prompt.name === 'login') {
      return signInPage(context, {
        ...common,
        accounts: accounts.all,
        login: login ?? params.login_hint ?? '',
        wrong,
      });
    }
    const person = accounts.bySubject(session.accountId);
    if (prompt.name === 'second_factor') {
      return secondFactorPage(context, { ...common, person, code: ONE_TIME_CODE, wrong });
    }
    return consentPage(context, {
      ...common,
      person,
      ...askedAndKnown(params, prompt.details),
      resources: [params.resource ?? []].flat(),
    });
  }
}

/** Splits the requested scopes into those that need an answer and those already allowed. */
function askedAndKnown({ scope = '' }, { missingOIDCScope = [], missingResourceScopes = {} }) {
  const requested = scope.split(' ').filter(Boolean);
  const missing = new Set([...missingOIDCScope, ...Object.values(missingResourceScopes).flat()]);
  if (!missing.size) return { asked: requested, known: [] };
  return {
    asked: requested.filter((name) => missing.has(name)),
    known: requested.filter((name) => !missing.has(name)),
  };
}

/**
 * RP-Initiated Logout §2 allows POST. oidc-provider takes it only with cookies of SameSite=None,
 * which browsers keep over https only, so the form goes on as a query.
 */
async function signOutByPost(context) {
  context.form = await readForm(context);
  context.set('Cache-Control', 'no-store');
  context.redirect(`${SIGN_OUT_PATH}?${new URLSearchParams(context.form)}`);
  context.status = 303;
}

/** The fields of a posted form. */
export async function readForm(context) {
  let text = '';
  for await (const chunk of context.req) {
    text += chunk;
    if (text.length > LONGEST_FORM) context.throw(413);
  }
  return Object.fromEntries(new URLSearchParams(text));
}

function showExpired(context) {
  context.status = 400;
  errorPage(context, { language: languageOf(context), error: 'interaction_expired' });
}

/** Answers for a file that the pages use. */
export function serveAsset(context) {
  const found = ASSETS.get(context.path);
  if (!found) return;
  context.set('Cache-Control', 'no-cache');
  context.set('X-Content-Type-Options', 'nosniff');
  context.type = found.type;
  context.body = found.content;
}

/** Answers with a picture, if there is one, for any page to show. */
export function servePicture(context, picture) {
  if (!picture) return;
  context.set({
    'Access-Control-Allow-Origin': '*',
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'Content-Security-Policy': "default-src 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'public, max-age=3600',
  });
  context.type = 'image/svg+xml';
  context.body = picture;
}
