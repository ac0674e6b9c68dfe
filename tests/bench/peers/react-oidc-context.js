// With react-oidc-context, in a React app as its README has it.
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { AuthProvider, useAuth } from 'react-oidc-context';
import { callbackPage, settings } from './page.js';

const config = {
  authority: settings.issuer,
  client_id: settings.client_id,
  redirect_uri: callbackPage,
  scope: settings.scope,
  loadUserInfo: true,
  onSigninCallback: () => history.replaceState(null, '', './'),
};

function App() {
  const auth = useAuth();
  if (auth.isLoading) return createElement('p', null, 'Loading …');
  if (auth.error) return createElement('p', { role: 'alert', 'data-pixy': 'error' }, auth.error.message);
  if (auth.isAuthenticated) return createElement('p', { 'data-pixy': 'profile-name' }, auth.user.profile.name);
  return createElement('button', { 'data-pixy': 'sign-in', onClick: () => auth.signinRedirect() }, 'Sign in');
}

createRoot(document.getElementById('app')).render(createElement(AuthProvider, config, createElement(App)));
