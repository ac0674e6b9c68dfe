// The flow by hand, as many an app has it, and without a check: no state, no look at the ID token, nothing asked
// of the provider's description.
import { callbackPage, fail, settings, showButton, showName } from './page.js';

const VERIFIER = 'verifier';

const base64url = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

const discover = async () => (await fetch(new URL('.well-known/openid-configuration', settings.issuer))).json();

const code = new URLSearchParams(location.search).get('code');

if (code) await finish().catch(fail);
else showButton(signIn);

async function signIn() {
  const { authorization_endpoint } = await discover();
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  sessionStorage.setItem(VERIFIER, verifier);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  location.href = `${authorization_endpoint}?${new URLSearchParams({
    response_type: 'code',
    client_id: settings.client_id,
    redirect_uri: callbackPage,
    scope: settings.scope,
    code_challenge: base64url(digest),
    code_challenge_method: 'S256',
  })}`;
}

async function finish() {
  const { token_endpoint, userinfo_endpoint } = await discover();
  const answer = await fetch(token_endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: settings.client_id,
      redirect_uri: callbackPage,
      code,
      code_verifier: sessionStorage.getItem(VERIFIER),
    }),
  });
  const { access_token } = await answer.json();
  const profile = await fetch(userinfo_endpoint, { headers: { Authorization: `Bearer ${access_token}` } });
  const { name } = await profile.json();
  showName(name);
}
