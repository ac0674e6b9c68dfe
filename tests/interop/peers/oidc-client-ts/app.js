// An app over oidc-client-ts, with the library's defaults, but for the name, which only userinfo may have.
import { UserManager } from 'oidc-client-ts';
import {
  callbackPage, folder, goTo, isAnswered, isCallbackPage, onClick, onRenew, settings, showError, showName, showState,
} from '../page.js';

const manager = new UserManager({
  authority: settings.issuer,
  client_id: settings.client_id,
  redirect_uri: callbackPage,
  post_logout_redirect_uri: folder,
  scope: settings.scope,
  loadUserInfo: true,
});

manager.events.addUserLoaded(showUser);
manager.events.addUserUnloaded(() => showState('signed-out'));
// The library keeps a user whose token has run out; an app is told to ask for `expired`.
manager.events.addAccessTokenExpired(() => showState('signed-out'));
manager.events.addSilentRenewError(tell);

onClick('sign-in', signIn, fail);
onClick('sign-out', () => manager.removeUser(), tell);
onClick('sign-out-at-provider', () => manager.signoutRedirect(), tell);
onRenew(() => manager.signinSilent(), tell);

await start().catch(fail);

async function start() {
  if (!isAnswered()) return showUser(await manager.getUser());
  showState('busy');
  const user = await manager.signinCallback();
  // In a window or a frame of the library's there is none: the answer went to the page that waits for it.
  if (!user) return;
  goTo(user.state.returnTo);
  showUser(user);
}

async function signIn() {
  if (settings.popup) return signInInPopup();
  showState('busy');
  await manager.signinRedirect({ state: { returnTo: isCallbackPage() ? folder : location.href } });
}

async function signInInPopup() {
  // By default the library does not tell when the person closes the window: the button has to stay.
  showState('signed-out');
  await manager.signinPopup();
}

function showUser(user) {
  if (!user || user.expired) return showState('signed-out');
  showState('signed-in');
  showName(user.profile.name ?? user.profile.sub);
}

function fail(error) {
  showState('failed');
  tell(error);
}

function tell(error) {
  showError({ code: error.error ?? error.name, message: error.message });
}
