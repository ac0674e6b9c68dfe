// With oidc-client-ts, with its defaults, but for the name, which only userinfo may have.
import { UserManager } from 'oidc-client-ts';
import { callbackPage, fail, isAnswered, settings, showButton, showName } from './page.js';

const manager = new UserManager({
  authority: settings.issuer,
  client_id: settings.client_id,
  redirect_uri: callbackPage,
  scope: settings.scope,
  loadUserInfo: true,
});

await start().catch(fail);

async function start() {
  const user = isAnswered() ? await manager.signinCallback() : await manager.getUser();
  if (user && !user.expired) showName(user.profile.name);
  else showButton(() => manager.signinRedirect());
}
