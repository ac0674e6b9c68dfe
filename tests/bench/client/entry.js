// Shows a button when nobody is signed in, and does what other tabs are told to do.
import init, { App } from 'pixy-login-glue';

const settings = JSON.parse(document.getElementById('pixy-settings').textContent);
const channel = new BroadcastChannel('pixy-bench');

const { memory } = await init();
const app = await App.start(settings.issuer, settings.client_id, settings.redirect_uri, settings.resource_server);

const profile = `${settings.resource_server}/profile`;
const actions = { refresh: () => app.refresh(1), fetch: () => app.fetch(profile, 1) };

channel.onmessage = async ({ data: { action } }) => {
  if (!actions[action]) return;
  const problem = await actions[action]().then(() => undefined, (error) => error.message);
  channel.postMessage({ done: action, problem });
};

/** Has so many tabs do the same at once, this one among them. Tells how long until the last was done. */
function everywhere(action, tabs) {
  const begin = performance.now();
  const others = new BroadcastChannel('pixy-bench');
  const done = new Promise((resolve, reject) => {
    let missing = tabs - 1;
    if (missing === 0) resolve();
    others.onmessage = ({ data }) => {
      if (data.done !== action) return;
      if (data.problem) reject(new Error(data.problem));
      missing -= 1;
      if (missing === 0) resolve();
    };
  });
  // This page's own channel must not hear it: one message is one tab.
  channel.postMessage({ action });
  return Promise.all([actions[action](), done])
    .then(() => performance.now() - begin)
    .finally(() => others.close());
}

const button = document.querySelector('[data-pixy="sign-in"]');
button.addEventListener('click', () => app.sign_in());
const show = () => {
  document.documentElement.dataset.pixyState = app.is_signed_in() ? 'signed-in' : 'signed-out';
  button.hidden = app.is_signed_in();
};
show();
setInterval(show, 100);

window.bench = {
  everywhere,
  refresh: (times) => app.refresh(times),
  fetch: (times) => app.fetch(profile, times),
  wasm: () => memory.buffer.byteLength,
};
