// The provider as a client of another one: here the secret has its place, which no page could keep.
import { interactionPolicy } from 'oidc-provider';
import * as client from 'openid-client';
import { UsageError } from './options.js';
import { UPSTREAMS } from './upstream-kinds.js';

// A sign-in that nobody came back from is forgotten when this many have begun after it.
const MOST_PENDING = 500;

/** Where people may sign in instead of here. Without id and secret in the environment it is to be a stand-in. */
export function readUpstream(name, environment) {
  if (!name) return undefined;
  const { label, issuer, api, scope, variables } = UPSTREAMS[name];
  const [clientId, clientSecret] = variables.map((variable) => environment[variable]);
  if (Boolean(clientId) !== Boolean(clientSecret)) {
    throw new UsageError(`--upstream ${name} takes both ${variables.join(' and ')} from the environment, or neither`);
  }
  return { name, label, issuer, api, scope, variables, clientId, clientSecret, isStandIn: !clientId };
}

/** The page of the provider at `issuer` that the upstream sends people back to. */
export function callbackOf(issuer, { name }) {
  return `${issuer}/upstream/${name}/callback`;
}

/**
 * Returns the two halves of a sign-in at `issuer`. `begin` gives the address to send the person to, `uidOf` the
 * interaction that a state belongs to, and `finish` who came back.
 */
export function createUpstream({ redirectUri, ...upstream }) {
  const { name, label, issuer, api, scope, clientId, clientSecret, isStandIn, variables } = upstream;
  const kind = UPSTREAMS[name];
  const begun = new Map();
  let discovered;

  async function configuration() {
    discovered ??= kind.configure(issuer, clientId, client.ClientSecretPost(clientSecret), {
      // The stand-in is on this computer, and has no certificate.
      execute: isStandIn ? [client.allowInsecureRequests] : [],
    });
    try {
      return await discovered;
    } catch (error) {
      discovered = undefined;
      throw error;
    }
  }

  async function begin(interaction) {
    const { uid, params } = interaction;
    const verifier = client.randomPKCECodeVerifier();
    const checks = { pkceCodeVerifier: verifier, expectedState: client.randomState(), ...kind.checks() };
    const url = client.buildAuthorizationUrl(await configuration(), {
      redirect_uri: redirectUri,
      scope,
      state: checks.expectedState,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(checks.expectedNonce ? { nonce: checks.expectedNonce } : {}),
      ...(params.login_hint ? { login_hint: params.login_hint } : {}),
      // Neither Google nor GitHub knows `prompt=login`.
      ...(params.prompt?.includes('login') ? { prompt: 'select_account' } : {}),
    });
    begun.set(checks.expectedState, { uid, checks });
    if (begun.size > MOST_PENDING) begun.delete(begun.keys().next().value);
    return url;
  }

  function uidOf(state) {
    return begun.get(state)?.uid;
  }

  /** The person's claims at the upstream. Fails if the answer is not the one to what was begun. */
  async function finish(query, uid) {
    const state = query.get('state');
    const login = begun.get(state);
    begun.delete(state);
    if (login?.uid !== uid) throw new Error('the answer belongs to no sign-in that was begun here');
    const config = await configuration();
    const url = new URL(`${redirectUri}?${query}`);
    const tokens = await client.authorizationCodeGrant(config, url, login.checks);
    return { upstream: name, issuer, claims: await kind.personOf(config, tokens, api) };
  }

  return {
    name,
    label,
    redirectUri,
    description: { name, label, issuer, is_stand_in: isStandIn, redirect_uri: redirectUri, scope, variables },
    begin,
    uidOf,
    finish,
  };
}

/** Why a sign-in failed, in a line, without what an answer said of the person. */
export function reasonOf(error) {
  const { message } = error.cause instanceof Error ? error.cause : error;
  return [error.code, error.error, message].filter(Boolean).join(' ');
}

/** What the app is told when a sign-in at the upstream failed; why stays here. */
export function errorForApp(error, label) {
  if (error instanceof client.AuthorizationResponseError && error.error === 'access_denied') {
    return { error: 'access_denied', error_description: `the person cancelled at ${label}` };
  }
  return { error: 'server_error', error_description: `the sign-in at ${label} failed` };
}

/** An app that asks for the upstream is not given somebody who signed in here. */
export function askUnlessFromUpstream(policy, accounts) {
  const isFromElsewhere = ({ oidc: { params, account } }) => (
    params.upstream !== undefined && account !== undefined
    && accounts.bySubject(account.accountId)?.upstream !== params.upstream
  );
  const check = new interactionPolicy.Check(
    'upstream_missing', 'a sign-in at the upstream is required', 'login_required', isFromElsewhere,
  );
  policy.get('login').checks.add(check);
  return policy;
}
