// The pages that Hydra leaves to others: signing in, consent, and signing out.
import { createServer } from 'node:http';
import { request } from '../lib/server.js';

export const ACCOUNT = { login: 'ada', password: 'analytical-engine', name: 'Ada Lovelace' };

// Hydra knows no claims of a person: the consent app says which go with a scope.
const CLAIMS = {
  profile: { name: ACCOUNT.name, given_name: 'Ada', family_name: 'Lovelace' },
  email: { email: 'ada@example.org', email_verified: true },
};

const LOGIN_FORM = `<form id="login-form" method="post">
<p><label>Login <input id="login" name="login" autocomplete="username"></label></p>
<p><label>Password <input id="password" name="password" type="password" autocomplete="current-password"></label></p>
<p><button id="sign-in">Sign in</button></p>
</form>`;

const CONSENT_FORM = `<form id="consent-form" method="post">
<p>Is this app allowed to see who you are?</p>
<p><button id="allow" name="answer" value="accept">Allow</button>
<button id="refuse" name="answer" value="reject">Refuse</button></p>
</form>`;

const LOGOUT_FORM = `<form id="logout-form" method="post">
<p>Do you want to sign out?</p>
<p><button id="yes">Yes</button></p>
</form>`;

/** Serves the pages; `isDisabled` says whether the account is switched off. */
export function createLoginApp({ admin, isDisabled }) {
  const pages = createPages(createRequests(admin), isDisabled);
  return createServer((incoming, response) => {
    respond(pages, incoming).then(
      ({ redirect, html }) => {
        if (redirect) response.writeHead(303, { location: redirect }).end();
        else response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
      },
      (error) => response.writeHead(500).end(String(error.stack)),
    );
  });
}

/** What Hydra asks its login and consent app, and what the app answers. */
function createRequests(admin) {
  const address = (kind, challenge, answer = '') => (
    `${admin}/oauth2/auth/requests/${kind}${answer}?${new URLSearchParams({ [`${kind}_challenge`]: challenge })}`
  );
  const answer = async (kind, challenge, verdict, json) => {
    const { redirect_to: redirect } = await request(address(kind, challenge, `/${verdict}`), { method: 'PUT', json });
    return { redirect };
  };
  return {
    read: (kind, challenge) => request(address(kind, challenge)),
    accept: (kind, challenge, json = {}) => answer(kind, challenge, 'accept', json),
    reject: (kind, challenge, description) => (
      answer(kind, challenge, 'reject', { error: 'access_denied', error_description: description })
    ),
  };
}

function createPages(requests, isDisabled) {
  return {
    async login(challenge, form) {
      const { skip } = await requests.read('login', challenge);
      if (!skip && !form) return page('Sign in', LOGIN_FORM);
      if (!skip && !isRight(form)) return page('Sign in', `<p role="alert">That is not right.</p>${LOGIN_FORM}`);
      if (isDisabled()) return requests.reject('login', challenge, 'The account is switched off.');
      return requests.accept('login', challenge, { subject: ACCOUNT.login, remember: true, acr: '1', amr: ['pwd'] });
    },

    async consent(challenge, form) {
      const asked = await requests.read('consent', challenge);
      if (!asked.skip && !form) return page('Consent', CONSENT_FORM);
      if (form?.get('answer') === 'reject') return requests.reject('consent', challenge, 'The person refused.');
      return requests.accept('consent', challenge, {
        grant_scope: asked.requested_scope,
        grant_access_token_audience: asked.requested_access_token_audience,
        remember: true,
        session: { id_token: claimsOf(asked.requested_scope) },
      });
    },

    async logout(challenge, form) {
      return form ? requests.accept('logout', challenge) : page('Sign out', LOGOUT_FORM);
    },
  };
}

async function respond(pages, incoming) {
  const { pathname, searchParams } = new URL(incoming.url, 'http://localhost');
  const kind = pathname.slice(1);
  if (!Object.hasOwn(pages, kind)) return page('Not found', '<p>There is no such page.</p>');
  const form = incoming.method === 'POST' ? await formOf(incoming) : undefined;
  return pages[kind](searchParams.get(`${kind}_challenge`), form);
}

async function formOf(incoming) {
  let body = '';
  for await (const piece of incoming) body += piece;
  return new URLSearchParams(body);
}

function isRight(form) {
  return form.get('login') === ACCOUNT.login && form.get('password') === ACCOUNT.password;
}

function claimsOf(scope) {
  return Object.assign({}, ...scope.map((name) => CLAIMS[name]));
}

function page(title, content) {
  return { html: `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>${content}</html>` };
}
