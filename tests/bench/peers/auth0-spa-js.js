// With auth0-spa-js, as its README has it. It asks no provider for its description: the paths are Auth0's. Who
// signed in comes from the ID token; it has no call for userinfo.
import { createAuth0Client } from '@auth0/auth0-spa-js';
import { callbackPage, fail, isAnswered, settings, showButton, showName } from './page.js';

await start().catch(fail);

async function start() {
  const client = await createAuth0Client({
    domain: settings.issuer.replace(/\/$/, ''),
    clientId: settings.client_id,
    authorizationParams: { redirect_uri: callbackPage, scope: settings.scope },
  });
  if (isAnswered()) await client.handleRedirectCallback();
  const user = await client.getUser();
  if (user) showName(user.name ?? user.sub);
  else showButton(() => client.loginWithRedirect());
}
