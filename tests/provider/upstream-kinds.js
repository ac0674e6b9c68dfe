// Google and GitHub as the provider asks them: one speaks OpenID Connect, the other OAuth alone.
import * as client from 'openid-client';

const GOOGLE = {
  label: 'Google',
  issuer: 'https://accounts.google.com',
  scope: 'openid profile email',
  variables: ['GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET'],
  checks: () => ({ expectedNonce: client.randomNonce(), idTokenExpected: true }),
  configure: (issuer, clientId, authentication, options) => (
    client.discovery(new URL(issuer), clientId, undefined, authentication, options)
  ),
  personOf(config, tokens) {
    return client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  },
};

const GITHUB = {
  label: 'GitHub',
  issuer: 'https://github.com',
  api: 'https://api.github.com',
  scope: 'read:user user:email',
  variables: ['GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET'],
  checks: () => ({}),
  // There is no document to discover for OAuth apps.
  async configure(issuer, clientId, authentication, { execute }) {
    const config = new client.Configuration({
      issuer,
      authorization_endpoint: `${issuer}/login/oauth/authorize`,
      token_endpoint: `${issuer}/login/oauth/access_token`,
    }, clientId, undefined, authentication);
    execute.forEach((change) => change(config));
    return config;
  },
  async personOf(config, tokens, api) {
    const ask = (path) => askApi(config, tokens.access_token, new URL(path, api));
    const [user, emails] = await Promise.all([ask('/user'), ask('/user/emails')]);
    if (!Number.isSafeInteger(user.id)) throw new Error('the API does not say who it is');
    const primary = emails.find((email) => email.primary);
    return {
      sub: String(user.id),
      name: user.name ?? user.login,
      preferred_username: user.login,
      picture: user.avatar_url,
      ...(primary ? { email: primary.email, email_verified: primary.verified } : {}),
    };
  },
};

async function askApi(config, token, url) {
  const headers = new Headers({ Accept: 'application/json' });
  const response = await client.fetchProtectedResource(config, token, url, 'GET', undefined, headers);
  if (!response.ok) throw new Error(`${url.pathname} answers ${response.status}`);
  return response.json();
}

/** By their names on the command line and in `upstream=NAME`. */
export const UPSTREAMS = { google: GOOGLE, github: GITHUB };
