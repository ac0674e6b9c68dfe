// Asks for the provider's metadata while the program is on its way. `fetch.rs` takes the answer from here, and asks
// by itself where there is none: a round trip less before a page is left.

/** How long the answer is waited for, and how long it then waits for the program, in milliseconds. */
const PATIENCE = 5_000;
const KEPT_FOR = 15_000;

/** As the program asks: no cookies, no redirects, nothing of a cache. */
const PLAIN = {
  headers: { Accept: "application/json" },
  credentials: "omit",
  redirect: "error",
  cache: "no-store",
  referrerPolicy: "no-referrer",
};

/** Whether this tab has signed in, or was about to, or comes back: then it has the metadata, or needs none. */
function isKnown() {
  const isKept = Object.keys(sessionStorage).some((key) => key.startsWith("pixy-login:"));
  return isKept || new URLSearchParams(location.search).has("state");
}

/** For an issuer whose metadata is where OpenID Connect Discovery has it (section 4). */
export function askAhead(issuer) {
  try {
    // A page that the browser loads beforehand may never be looked at.
    if (!issuer || document.prerendering || isKnown()) return;
    const url = issuer.replace(/\/+$/, "") + "/.well-known/openid-configuration";
    const asked = (globalThis.pixyLoginAhead ??= new Map());
    if (asked.has(url)) return;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE);
    const answer = fetch(url, { ...PLAIN, signal: stop.signal });
    // A failure the program is told, if it asks.
    answer.then(() => clearTimeout(timer), () => {});
    asked.set(url, answer);
    setTimeout(() => asked.delete(url), KEPT_FOR);
  } catch {
    // It saves time, and nothing depends on it.
  }
}
