// With oauth4webapi, which makes requests and judges answers, and leaves the rest to the app.
import {
  None, allowInsecureRequests, authorizationCodeGrantRequest, calculatePKCECodeChallenge, discoveryRequest,
  generateRandomCodeVerifier, generateRandomNonce, generateRandomState, getValidatedIdTokenClaims,
  processAuthorizationCodeResponse, processDiscoveryResponse, processUserInfoResponse, userInfoRequest, validateAuthResponse,
} from 'oauth4webapi';
import { callbackPage, fail, isAnswered, settings, showButton, showName } from './page.js';

const PENDING = 'pending';

const issuer = new URL(settings.issuer);
const client = { client_id: settings.client_id };
// The provider of the bench is on this computer.
const options = { [allowInsecureRequests]: true };

if (isAnswered()) await finish().catch(fail);
else showButton(signIn);

async function discover() {
  return processDiscoveryResponse(issuer, await discoveryRequest(issuer, options));
}

async function signIn() {
  const server = await discover();
  const pending = {
    verifier: generateRandomCodeVerifier(), state: generateRandomState(), nonce: generateRandomNonce(),
  };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  const url = new URL(server.authorization_endpoint);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: callbackPage,
    scope: settings.scope,
    code_challenge: await calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: 'S256',
    state: pending.state,
    nonce: pending.nonce,
  });
  location.href = url;
}

async function finish() {
  const server = await discover();
  const { verifier, state, nonce } = JSON.parse(sessionStorage.getItem(PENDING));
  const parameters = validateAuthResponse(server, client, new URL(location.href), state);
  const answer = await authorizationCodeGrantRequest(server, client, None(), parameters, callbackPage, verifier, options);
  const tokens = await processAuthorizationCodeResponse(server, client, answer, { expectedNonce: nonce, requireIdToken: true });
  const { sub } = getValidatedIdTokenClaims(tokens);
  const profile = await userInfoRequest(server, client, tokens.access_token, options);
  const { name } = await processUserInfoResponse(server, client, sub, profile);
  showName(name);
}
