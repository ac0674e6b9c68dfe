// What the pages of all peers have in common: the settings, and the marks by which the driver of the demo
// finds its way here, too.

const WITH_SIGN_IN = ['signed-out', 'failed'];
const SESSION_PARTS = ['sign-out', 'sign-out-at-provider', 'renew'];

export const settings = JSON.parse(document.getElementById('pixy-settings').textContent);

/** The folder of the app, which people return to after signing out. */
export const folder = new URL('./', location.href).href;

/** The redirect URI. */
export const callbackPage = `${folder}callback.html`;

export const isCallbackPage = () => location.href.split(/[?#]/)[0] === callbackPage;

/** Whether this page was given a provider's answer. */
export function isAnswered() {
  const answer = new URLSearchParams(`${location.search.slice(1)}&${location.hash.slice(1)}`);
  return answer.has('state') && (answer.has('code') || answer.has('error'));
}

/** Shows the address of another page. Every page has the same content, so nothing need be loaded. */
export function goTo(address) {
  history.replaceState(null, '', address);
}

/** Shows `starting`, `signed-out`, `busy`, `signed-in` or `failed`, and the buttons that go with it. */
export function showState(state) {
  document.documentElement.dataset.pixyState = state;
  part('sign-in').hidden = !WITH_SIGN_IN.includes(state);
  for (const name of SESSION_PARTS) part(name).hidden = state !== 'signed-in';
  if (state !== 'signed-in') showName('');
}

export function showName(name) {
  showText('profile-name', name);
}

/** Shows what went wrong, with the library's own code and words. */
export function showError({ code, message }) {
  part('error').dataset.code = code;
  showText('error', message || code);
}

/** Lets a button do something, in the place of what was told before. `failed` takes the error. */
export function onClick(name, action, failed) {
  part(name).addEventListener('click', async () => {
    showText('error', '');
    showRenewal(undefined, '');
    try {
      await action();
    } catch (error) {
      failed(error);
    }
  });
}

/** Lets the button `renew` do so, and shows what became of it. */
export function onRenew(renew, failed) {
  onClick('renew', async () => {
    showRenewal(undefined, 'Renewing …');
    await renew();
    showRenewal('done', 'Renewed.');
  }, (error) => {
    showRenewal('failed', 'Not renewed.');
    failed(error);
  });
}

function showRenewal(result, text) {
  if (result) part('renewal').dataset.result = result;
  else delete part('renewal').dataset.result;
  showText('renewal', text);
}

function showText(name, text) {
  part(name).textContent = text;
  part(name).hidden = !text;
}

function part(name) {
  return document.querySelector(`[data-pixy="${name}"]`);
}
