// An app over keycloak-js, as its documentation has it: it looks silently for a session at each start, since
// the library has the tokens in memory only.
import Keycloak, { NetworkError } from 'keycloak-js';
import {
  callbackPage, folder, goTo, isAnswered, isCallbackPage, onClick, onRenew, settings, showError, showName, showState,
} from '../page.js';

const PAGE_LEFT = 'page-left';

const [, url, realm] = /^(.+)\/realms\/([^/]+)\/?$/.exec(settings.issuer) ?? [];
const isKeycloak = realm !== undefined;
const server = isKeycloak ? { url, realm: decodeURIComponent(realm) } : { oidcProvider: settings.issuer };
const keycloak = new Keycloak({ ...server, clientId: settings.client_id });

// The redirect URI of the silent look is the same, in a frame of the library's, which waits for the address.
if (window.parent !== window) window.parent.postMessage(location.href, location.origin);
else await start().catch(fail);

async function start() {
  listen();
  if (isAnswered()) showState('busy');
  else rememberPage();
  await keycloak.init({
    onLoad: 'check-sso',
    silentCheckSsoRedirectUri: callbackPage,
    redirectUri: callbackPage,
    pkceMethod: 'S256',
    scope: settings.scope,
    // Only Keycloak's frame understands what the library asks it.
    checkLoginIframe: isKeycloak,
  });
  if (isCallbackPage()) goTo(pageLeft());
  if (!keycloak.authenticated) return showState('signed-out');
  showState('signed-in');
  await loadName().catch(tell);
}

function listen() {
  keycloak.onAuthLogout = () => showState('signed-out');
  keycloak.onTokenExpired = goOn;
  onClick('sign-in', signIn, fail);
  onClick('sign-out', () => keycloak.clearToken(), tell);
  onClick('sign-out-at-provider', () => keycloak.logout({ redirectUri: folder }), tell);
  onRenew(() => keycloak.updateToken(-1), tell);
}

async function signIn() {
  showState('busy');
  await keycloak.login();
}

/** What to do when the access token has run out. */
async function goOn() {
  // Without a refresh token nothing is left of the session.
  if (!keycloak.refreshToken) return keycloak.clearToken();
  await keycloak.updateToken().catch(tell);
}

async function loadName() {
  // Before each call, if there is something to do it with. It does nothing to a token that is still good.
  if (keycloak.refreshToken) await keycloak.updateToken();
  const { name, sub } = await keycloak.loadUserInfo();
  if (keycloak.authenticated) showName(name ?? sub);
}

// The library takes an app's own pages for redirect URIs, and has no place for the page that was left.

function rememberPage() {
  if (!isCallbackPage()) sessionStorage.setItem(PAGE_LEFT, location.href);
}

function pageLeft() {
  return sessionStorage.getItem(PAGE_LEFT) ?? folder;
}

function fail(error) {
  showState('failed');
  tell(error);
}

function tell(error) {
  showError({ code: codeOf(error), message: error.error_description ?? messageOf(error) });
}

/** Errors of the provider are plain objects; those of the network don't have their name. */
function codeOf(error) {
  if (error instanceof NetworkError) return 'NetworkError';
  return error.error ?? error.name;
}

function messageOf(error) {
  return error instanceof NetworkError ? `${error.message} (${error.response.status})` : error.message;
}
