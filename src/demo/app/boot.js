// Starts the app. Until it is there, the page speaks the person's language, says that a sign-in is
// being finished, and keeps a click on the sign-in button for later.

const page = document.documentElement;
const query = new URLSearchParams(location.search);
const isAnswered = query.has("state") && (query.has("code") || query.has("error"));
// The answer of a sign-in in another window: this one is about to close.
const isHandedOver = isAnswered && query.get("state").startsWith("p.");
page.dataset.pixyState = isHandedOver ? "handed-over" : isAnswered ? "busy" : "starting";

// The language: of the address, else the one chosen in this tab, else the browser's. src/demo/app/language.rs
// goes on with it.
const LANGUAGE = "pixy-demo:language";

function language() {
  const named = query.get("lang");
  try {
    if (/^(en|ja)$/.test(named)) sessionStorage.setItem(LANGUAGE, named);
    return sessionStorage.getItem(LANGUAGE) ?? navigator.language;
  } catch {
    return named ?? navigator.language;
  }
}

if (/^ja\b/i.test(language())) {
  page.lang = "ja";
  for (const element of document.querySelectorAll("[data-ja]")) {
    element.textContent = element.dataset.ja;
  }
}

// The lesson is loaded when an article with something to move in it is first shown; the app with a vault, in the
// place of this one, where the settings want that. An import can name no hash, so the script is preloaded, which
// checks it, and what was preloaded is what is imported.
const LESSON = { href: "./pixy-lesson.js", integrity: "pixy-lesson-integrity" };
const IN_VAULT = { href: "./pixy-in-vault.js", integrity: "pixy-in-vault-integrity" };
let lesson;

async function check(script) {
  const link = Object.assign(document.createElement("link"), { rel: "modulepreload" }, script);
  if (!link.relList.supports(link.rel)) return;
  await new Promise((loaded, failed) => {
    Object.assign(link, { onload: loaded, onerror: failed });
    document.head.append(link);
  });
}

globalThis.pixyShowLesson = async (app) => {
  if (!lesson) await check(LESSON);
  lesson = await import(LESSON.href);
  await lesson.default();
  lesson.show(app);
};

function keepClick(event) {
  const button = event.target.closest('[data-pixy="sign-in"]');
  if (!button) return;
  page.dataset.pixyClicked = "sign-in";
  button.setAttribute("aria-busy", "true");
}

document.addEventListener("click", keepClick);

// Whether the browser, and the page's policy, let WebAssembly run: the smallest module that there is.
function runsWebAssembly() {
  try {
    return !!new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  } catch {
    return false;
  }
}

function settings() {
  try {
    return JSON.parse(document.getElementById("pixy-settings").textContent) ?? {};
  } catch {
    // The app says what is wrong with them.
    return {};
  }
}

async function start() {
  const { vault, issuer, authorization_endpoint, scope = "openid" } = settings();
  const hasDocument = !authorization_endpoint && /\bopenid\b/.test(scope);
  if (hasDocument && vault !== true) askAhead(issuer);
  // A build for development has one app for both.
  if (!IN_VAULT.href || vault !== true) return __wbg_init();
  await check(IN_VAULT);
  return (await import(IN_VAULT.href)).default();
}

start()
  .catch(() => {
    page.dataset.pixyState = "failed";
    // Its button would do nothing.
    document.querySelector(".account")?.remove();
    document.getElementById(runsWebAssembly() ? "not-loaded" : "no-webassembly").hidden = false;
  })
  .finally(() => document.removeEventListener("click", keepClick));
