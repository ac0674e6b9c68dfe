// What the pages of all peers have in common: a button when nobody is signed in, a name when somebody is. The
// marks are those by which the bench finds them in our apps, too.
export { callbackPage, folder, isAnswered, settings } from '../../interop/peers/page.js';

const part = (name) => document.querySelector(`[data-pixy="${name}"]`);

export function showButton(signIn) {
  const button = part('sign-in');
  button.hidden = false;
  button.addEventListener('click', () => signIn().catch(fail));
}

export function showName(name) {
  part('sign-in').hidden = true;
  part('profile-name').textContent = name;
  // The code is spent.
  history.replaceState(null, '', './');
}

export function fail(error) {
  part('error').textContent = error.message;
}
