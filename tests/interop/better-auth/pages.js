// The sign-in and consent pages, which everybody has to make for Better Auth. They send back the signed
// query that they are called with, and go where the answer says.

/** Asks who is there. */
export const SIGN_IN_PAGE = page('Sign in', '/api/auth/sign-in/email', `
  <label>E-mail <input id="email" name="email" type="email" autocomplete="username" required></label>
  <label>Password <input id="password" name="password" type="password" autocomplete="current-password" required></label>
  <button id="sign-in">Sign in</button>`);

/** Asks whether the app may have what it wants. */
export const CONSENT_PAGE = page('May the app go ahead?', '/api/auth/oauth2/consent', `
  <button id="allow" name="accept" value="true">Allow</button>
  <button id="refuse" name="accept" value="false">Refuse</button>`);

function page(title, endpoint, fields) {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
<h1>${title}</h1>
<form>${fields}
</form>
<p role="alert"></p>
<script>
document.querySelector('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = Object.fromEntries(new FormData(event.target, event.submitter));
  if ('accept' in form) form.accept = form.accept === 'true';
  const response = await fetch('${endpoint}', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...form, oauth_query: location.search.slice(1) }),
  });
  const answer = await response.json();
  if (response.ok) location.assign(answer.url);
  else document.querySelector('[role=alert]').textContent = answer.message ?? answer.error_description;
});
</script>
</html>
`;
}
