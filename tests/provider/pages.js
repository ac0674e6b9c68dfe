// The pages as HTML. They need no script; one small file fills in a test account at a click.

/** The sign-in page. `wrong` says that the last attempt failed. */
export function signInPage(context, { language, uid, client, returnTo, accounts, login, wrong }) {
  const text = language.signIn;
  const described = wrong ? html` aria-invalid="true" aria-describedby="wrong"` : '';
  render(context, {
    language,
    title: text.title,
    formTargets: [returnTo],
    main: html`
      <h1>${text.title}</h1>
      <p class="lead">${text.lead(client)}</p>
      ${wrong ? html`<p class="alert" id="wrong" role="alert">${text.wrong}</p>` : ''}
      <form method="post" action="/interaction/${uid}">
        <label for="login">${text.login}</label>
        <input id="login" name="login" value="${login}" autocomplete="username" autocapitalize="none" spellcheck="false" required${wrong ? '' : html` autofocus`}${described}>
        <label for="password">${text.password}</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required${wrong ? html` autofocus` : ''}${described}>
        <div class="actions">
          <button id="sign-in" name="action" value="sign-in">${text.submit}</button>
          <button id="cancel" name="action" value="cancel" class="quiet" formnovalidate>${text.cancel}</button>
        </div>
      </form>
      <section class="hint" aria-labelledby="hint">
        <h2 id="hint">${text.hint}</h2>
        <ol class="steps">${text.steps.map((step) => html`<li>${step}</li>`)}</ol>
        <ul class="accounts">${accounts.map((person) => accountLine(person, text))}</ul>
      </section>`,
  });
}

function accountLine({ login, password, claims }, text) {
  return html`
    <li>
      ${avatar({ login, claims })}
      <span class="who">
        <bdi class="name" title="${claims.name}">${claims.name}</bdi>
        <span class="credentials"><code>${login}</code> <code>${password}</code></span>
      </span>
      <button type="button" class="fill" data-login="${login}" data-password="${password}" aria-label="${text.fill(claims.name)}" hidden>${text.fillShort}</button>
    </li>`;
}

/** The page of the second step: a one-time code. `code` is the right one, `wrong` says that the last was not. */
export function secondFactorPage(context, { language, uid, client, returnTo, person, code, wrong }) {
  const text = language.secondFactor;
  render(context, {
    language,
    title: text.title,
    formTargets: [returnTo],
    main: html`
      <h1>${text.title}</h1>
      <p class="lead">${text.lead(client)}</p>
      ${personBox(person, language.consent.lead)}
      ${wrong ? html`<p class="alert" id="wrong" role="alert">${text.wrong}</p>` : ''}
      <form method="post" action="/interaction/${uid}">
        <label for="code">${text.code}</label>
        <input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required autofocus${wrong ? html` aria-invalid="true" aria-describedby="wrong"` : ''}>
        <div class="actions">
          <button id="confirm" name="action" value="confirm">${text.submit}</button>
          <button id="cancel" name="action" value="cancel" class="quiet" formnovalidate>${text.cancel}</button>
        </div>
      </form>
      <section class="hint" aria-labelledby="hint">
        <h2 id="hint">${text.hint}</h2>
        <ul class="accounts">
          <li>
            <code class="who">${code}</code>
            <button type="button" class="fill" data-code="${code}" aria-label="${text.fill}" hidden>${language.signIn.fillShort}</button>
          </li>
        </ul>
      </section>`,
  });
}

/** The consent page: what is asked now, and what was allowed before. */
export function consentPage(context, { language, uid, client, returnTo, person, asked, known, resources }) {
  const text = language.consent;
  render(context, {
    language,
    title: text.title(client),
    formTargets: [returnTo],
    main: html`
      <h1>${text.title(client)}</h1>
      ${personBox(person, text.lead)}
      <h2 id="asked">${text.at(new URL(returnTo).origin)}</h2>
      <ul class="scopes" aria-labelledby="asked">${asked.map((scope) => scopeLine(scope, text))}</ul>
      ${known.length ? html`
        <h2 id="known">${text.known}</h2>
        <ul class="scopes known" aria-labelledby="known">${known.map((scope) => scopeLine(scope, text))}</ul>` : ''}
      ${resources.map((resource) => html`<p class="note">${text.resource(resource)}</p>`)}
      <form method="post" action="/interaction/${uid}">
        <div class="actions">
          <button id="allow" name="action" value="allow">${text.allow}</button>
          <button id="cancel" name="action" value="cancel" class="quiet">${text.cancel}</button>
        </div>
      </form>
      <p class="note">${text.note}</p>`,
  });
}

/** The page of the stand-in for an upstream: whoever is chosen goes on to the provider, its one client. */
export function standInPage(context, { language, uid, label, people, formTargets }) {
  const text = language.standIn;
  render(context, {
    language,
    title: text.title,
    provider: text.provider(label),
    note: text.note(label),
    formTargets,
    main: html`
      <h1>${text.title}</h1>
      <p class="lead">${text.lead(language.provider)}</p>
      <p class="alert" id="stand-in">${text.warning(label)}</p>
      <form method="post" action="/interaction/${uid}">
        <ul class="accounts">${people.map((person) => choice(person, text))}</ul>
        <div class="actions">
          <button name="action" value="cancel" id="cancel" class="quiet">${text.cancel}</button>
        </div>
      </form>`,
  });
}

function choice({ login, claims }, text) {
  return html`
    <li>
      ${avatar({ login, claims })}
      <span class="who">
        <bdi class="name">${claims.name}</bdi>
        <span class="credentials"><bdi>${claims.email}</bdi></span>
      </span>
      <button class="choose" name="person" value="${login}" aria-label="${text.choose(claims.name)}">${text.chooseShort}</button>
    </li>`;
}

function personBox({ login, claims }, label) {
  return html`
      <div class="person">
        ${avatar({ login, claims })}
        <p>
          <span class="label">${label}</span>
          <bdi class="name">${claims.name}</bdi>
          <bdi class="email">${claims.email ?? ''}</bdi>
        </p>
      </div>`;
}

function scopeLine(scope, text) {
  const [title, detail] = text.scopes[scope] ?? [scope, ''];
  return html`
    <li data-scope="${scope}">
      <strong>${title}</strong>
      <span>${detail}</span>
    </li>`;
}

/** The question before the provider's own session ends. `form` is oidc-provider's hidden form. */
export function signOutPage(context, { language, form, client, returnTo }) {
  const text = language.signOut;
  render(context, {
    language,
    title: text.title,
    formTargets: [returnTo],
    main: html`
      <h1>${text.title}</h1>
      <p class="lead">${text.lead(client)}</p>
      ${new Html(form)}
      <div class="actions">
        <button id="sign-out" form="op.logoutForm" name="logout" value="yes">${text.submit}</button>
        <button id="stay" form="op.logoutForm" class="quiet">${text.stay}</button>
      </div>`,
  });
}

/** The page after signing out, when the app named no page of its own. */
export function signedOutPage(context, { language }) {
  const text = language.signedOut;
  render(context, {
    language,
    title: text.title,
    main: html`<h1>${text.title}</h1><p class="lead">${text.lead}</p>`,
  });
}

/** An error that can't be sent back to the app. */
export function errorPage(context, { language, error, description }) {
  const text = language.error;
  const lead = error === 'interaction_expired' ? text.expired : text.lead;
  render(context, {
    language,
    title: text.title,
    main: html`
      <h1>${text.title}</h1>
      <p class="lead">${lead}</p>
      <dl class="detail">
        <dt>${text.code}</dt>
        <dd><code>${error}</code></dd>
        ${description ? html`<dd lang="en">${description}</dd>` : ''}
      </dl>`,
  });
}

/** Pictures from elsewhere are not shown: the policy of these pages allows none. */
function avatar({ login, claims: { name = '?', picture } }) {
  if (login && picture) return html`<img class="avatar" src="${new URL(picture).pathname}" alt="" width="40" height="40">`;
  return html`<span class="avatar initial" aria-hidden="true">${[...name][0]}</span>`;
}

function render(context, { language, title, main, formTargets = [], provider = language.provider, note = language.testNote }) {
  context.set({
    'Content-Security-Policy': contentSecurityPolicy(formTargets),
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
  });
  context.type = 'html';
  context.body = String(html`<!doctype html>
<html lang="${language.code}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title} · ${provider}</title>
  <link rel="icon" href="/assets/icon.svg">
  <link rel="stylesheet" href="/assets/pages.css">
  <script src="/assets/sign-in.js" defer></script>
</head>
<body>
  <header><img src="/assets/icon.svg" alt="" width="28" height="28"> ${provider}</header>
  <main>${main}</main>
  <footer>${note}</footer>
</body>
</html>
`);
}

// A form's answer redirects to the app, and browsers hold `form-action` against that as well.
function contentSecurityPolicy(formTargets) {
  const origins = formTargets.filter(Boolean).map((uri) => new URL(uri).origin);
  return [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self'",
    `form-action ${["'self'", ...origins].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}

/** Text that is HTML already; everything else is escaped when it is put into `html`. */
class Html {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

function html(strings, ...values) {
  return new Html(strings.map((text, index) => text + escape(values[index])).join(''));
}

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(value = '') {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(escape).join('');
  return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
