// Reloads the page when the demo was built anew. Only a page that is seen listens: a browser opens few connections to
// one server, and the demo's own requests need them.
let shown;
let builds;

function listen() {
  builds?.close();
  if (document.visibilityState !== 'visible') return;
  builds = new EventSource('./_builds');
  builds.addEventListener('message', ({ data }) => {
    shown ??= data;
    if (data !== shown) location.reload();
  });
}

document.addEventListener('visibilitychange', listen);
listen();
