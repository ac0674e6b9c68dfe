// What the token endpoint compared for PKCE, for the lesson to show. No code, verifier or token is kept.
import { createHash } from 'node:crypto';

const PATH = '/_compared';

// More than one person steps through in a day; the oldest go first.
const MOST_KEPT = 500;

/** Returns `watch(provider)`, which begins to take notes, and the middleware `route`, which tells them. */
export function createComparisons() {
  const challenges = new Map();
  const comparisons = [];

  function watch(provider) {
    // A code that is spent twice is gone before anybody can ask what its challenge was.
    provider.on('authorization_code.saved', ({ jti, codeChallenge = null, codeChallengeMethod = null }) => {
      challenges.set(hash(jti), { challenge: codeChallenge, method: codeChallengeMethod });
      if (challenges.size > MOST_KEPT) challenges.delete(challenges.keys().next().value);
    });
    provider.on('grant.success', (context) => note(context, { outcome: 'token' }));
    provider.on('grant.error', (context, error) => note(context, {
      outcome: error.error,
      description: error.error_description,
      detail: error.error_detail,
    }));
  }

  function note({ oidc }, { outcome, description = null, detail = null }) {
    const { grant_type: grantType, client_id: clientId, code, code_verifier: verifier } = oidc?.params ?? {};
    const asked = grantType === 'authorization_code' && code ? challenges.get(hash(code)) : undefined;
    if (!asked) return;
    const verifierHash = verifier ? hash(verifier) : null;
    comparisons.push({
      at: new Date().toISOString(),
      client_id: clientId,
      ...asked,
      verifier_sha256: verifierHash,
      matches: asked.challenge || verifierHash ? asked.challenge === verifierHash : null,
      outcome,
      description,
      detail,
    });
    if (comparisons.length > MOST_KEPT) comparisons.shift();
  }

  function route(context, next) {
    if (context.path !== PATH || context.method !== 'GET') return next();
    const { challenge, client } = context.query;
    if (!challenge && !client) context.throw(400, 'challenge or client is missing');
    // From origins that are no client's it is taken away again.
    context.set('Access-Control-Allow-Origin', context.get('Origin'));
    context.set('Cache-Control', 'no-store');
    context.vary('Origin');
    context.body = comparisons.filter((comparison) => (
      (!challenge || comparison.challenge === challenge) && (!client || comparison.client_id === client)
    ));
    return undefined;
  }

  return { watch, route };
}

function hash(text) {
  return createHash('sha256').update(text).digest('base64url');
}
