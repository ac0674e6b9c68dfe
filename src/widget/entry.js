// The class of <pixy-login>: browsers want a custom element to be an ES class. It shows a button at
// once, loads the wasm, and gives each element in the page a widget of its own, written in Rust.

import init, { Widget } from "pixy-login-glue";
import { askAhead } from "../browser/ahead.js";
import css from "../../style/widget.css" with { type: "text" };

const TAG = "pixy-login";
const SETTINGS = `
  client-id redirect-uri mode sign-out preset texts
  issuer server realm domain authorization-server tenant region user-pool application project handle
  upstream refresh-token
  discovery discovery-url endpoints profile-endpoint profile
  scope api dpop-api own-token-api trusted-audience resource audience prompt acr-values acr-hint parameters
  dpop par pkce keep reload idle-limit session-limit login-limit
  logout logout-hint-claim logout-parameters post-logout-redirect-uri initiate-login-uri
`.trim().split(/\s+/);
/**
 * Those that can also be set as properties, as frameworks do (`clientId`). `lang` is one of every element, and
 * `signOut` a method.
 */
const PROPERTIES = Object.fromEntries(
  SETTINGS.filter((name) => name !== "sign-out").map((name) => [
    name.replace(/-./g, (joint) => joint[1].toUpperCase()),
    name,
  ]),
);
/** The texts in languages other than English, beside this script: what the program says, in JSON. */
const LANGUAGES = { __proto__: null, ja: ["pixy-login.ja.json", "pixy-login-ja-integrity"] };
/** For how many milliseconds the program, which is there, waits for them; then it begins in English. */
const PATIENCE = 1500;
/** What is said before the wasm is there. */
const TEXTS = {
  __proto__: null,
  en: {
    signIn: "Sign in",
    busy: "Signing in…",
    widget_not_loaded: "The sign-in could not be loaded.",
    webassembly_missing:
      "This browser has no WebAssembly, or has it switched off (Lockdown Mode). Allow it for this site, or use another browser.",
    webassembly_blocked: "The policy of this page does not let it run WebAssembly ('wasm-unsafe-eval').",
    widget_failed: "The sign-in has come to grief. Reload the page.",
  },
  ja: {
    signIn: "サインイン",
    busy: "サインインしています…",
    widget_not_loaded: "サインインを読み込めませんでした。",
    webassembly_missing:
      "このブラウザーではWebAssemblyが使えないか、無効になっています（ロックダウンモードなど）。このサイトで許可するか、別のブラウザーを使ってください。",
    webassembly_blocked: "このページのポリシーがWebAssemblyの実行を許可していません（'wasm-unsafe-eval'）。",
    widget_failed: "サインインで問題が起きました。ページを再読み込みしてください。",
  },
};
/** Why the wasm is not there, and who has to act. */
const FAULTS = {
  widget_not_loaded: "network",
  webassembly_missing: "browser",
  webassembly_blocked: "configuration",
  widget_failed: "browser",
};

/** What is told of such a failure. Only the network may be better the next time. */
function told(code) {
  return { code, fault: FAULTS[code], retry: code === "widget_not_loaded", message: TEXTS.en[code] };
}

/** Why a method of the element has failed: `code`, `fault` and `retry`, as an event `pixy-error` has them. */
class PixyError extends Error {
  name = "PixyError";

  constructor({ message, ...why }) {
    super(message);
    Object.assign(this, why);
  }
}

/** The style sheet of each document that has such an element: no other may use it. */
const sheets = new WeakMap();

function sheetOf(document) {
  let sheet = sheets.get(document);
  if (!sheet) {
    sheet = new document.defaultView.CSSStyleSheet();
    sheet.replaceSync(css);
    sheets.set(document, sheet);
  }
  return sheet;
}

/** Whether the program has trapped. */
let broken = false;

/** Why it could not be loaded. */
function failure() {
  if (typeof WebAssembly !== "object") return "webassembly_missing";
  try {
    // The smallest module that there is: a policy refuses it as any other.
    new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
    return "widget_not_loaded";
  } catch {
    return "webassembly_blocked";
  }
}

/** What names another address of the metadata than the issuer's own, or leaves it out. */
const ELSEWHERE = ["preset", "discovery", "discovery-url", "endpoints"];

/** Where the provider's metadata is, as far as that is known before the wasm is there. */
function issuerOf(element) {
  const scope = element.getAttribute("scope");
  const isElsewhere = ELSEWHERE.some((name) => element.hasAttribute(name));
  return isElsewhere || (scope !== null && !/\bopenid\b/.test(scope)) ? null : element.getAttribute("issuer");
}

/** Whether the page's address holds a provider's answer: no time to show a button. */
function isAnswered() {
  const query = new URLSearchParams(location.search);
  return query.has("state") && (query.has("code") || query.has("error"));
}

/** The language of the element, its closest ancestor (also outside of shadow roots), or the browser, without its region. */
function language(element) {
  let tag;
  for (let node = element; node && !tag; node = node.getRootNode().host) {
    tag = node.closest("[lang]")?.getAttribute("lang");
  }
  return (tag || navigator.language).split("-")[0].toLowerCase();
}

/** What is said in an element's language before the wasm is there. */
function before(element) {
  return TEXTS[language(element)] ?? TEXTS.en;
}

/** The file of an element's texts: its own, or one beside this script; nothing where they are in English. */
function fileOf(element) {
  return element.getAttribute("texts") || LANGUAGES[language(element)]?.[0];
}

/** The texts that elements of this page have wanted, by their files. */
const loaded = new Map();

async function load(file) {
  try {
    const [name, integrity] = Object.values(LANGUAGES).find(([name]) => name === file) ?? [];
    const url = name ? new URL(name, import.meta.url) : file;
    const answer = await fetch(url, { integrity, signal: AbortSignal.timeout(10_000) });
    const text = await answer.text();
    if (typeof JSON.parse(text).language !== "string") throw new TypeError("It names no language.");
    return text;
  } catch (why) {
    loaded.delete(file);
    console.warn(`<${TAG}> speaks English, for its texts can't be read: ${file}`, why);
    return "";
  }
}

/** What the program says in an element's language, which may change until that is there; nothing for English. */
async function textsOf(element) {
  for (;;) {
    const file = fileOf(element);
    if (file && !loaded.has(file)) loaded.set(file, load(file));
    const texts = (await loaded.get(file)) ?? "";
    if (fileOf(element) === file) return texts;
  }
}

/** No texts, after a while. */
function late() {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE, ""));
}

function tag(name, attributes, ...children) {
  const element = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  element.append(...children);
  return element;
}

class PixyLogin extends HTMLElement {
  static observedAttributes = [...SETTINGS, "lang"];

  #root = this.attachShadow({ mode: "open" });
  #widget;
  /** Ends when the widget is there, or is known not to come. */
  #starting;
  #failed;
  #changed = false;
  #clicked = false;
  #session = null;
  /** What the widget speaks. */
  #texts = "";

  constructor() {
    super();
    this.#style();
    this.#root.addEventListener("click", (event) => {
      const name = event.target.closest("button[data-pixy]")?.dataset.pixy;
      if (name) this.#click(name);
    });
    for (const event of ["pointerover", "focusin"]) {
      this.#root.addEventListener(event, () => this.#use((widget) => widget.approach()));
    }
    // Before listeners of the page hear it, which may look.
    for (const event of ["pixy-signed-in", "pixy-signed-out"]) {
      this.addEventListener(event, (event) => this.#note(event), true);
    }
    // A picture that can't be shown uncovers the initials. This event does not bubble.
    this.#root.addEventListener("error", (event) => event.target.remove(), true);
  }

  connectedCallback() {
    Object.keys(PROPERTIES).forEach((name) => this.#upgrade(name));
    if (this.#starting) this.#wait();
    this.#start();
  }

  disconnectedCallback() {
    // An element that is moved is removed and added again at once: it stays as it is.
    queueMicrotask(() => this.isConnected || this.#end());
  }

  /** In another document nothing of the style sheets is left. */
  adoptedCallback() {
    if (this.ownerDocument.defaultView) this.#style();
  }

  attributeChangedCallback(_, before, after) {
    if (before === after || this.#changed) return;
    this.#changed = true;
    // Attributes that change together are one change.
    queueMicrotask(() => {
      this.#changed = false;
      this.#use((widget) => widget.attributes_changed(this.#texts));
      this.#speak();
    });
  }

  /** Has the widget speak the element's language as soon as its texts are there. */
  async #speak() {
    if (!this.#widget) return;
    const texts = await textsOf(this);
    if (texts === this.#texts) return;
    this.#texts = texts;
    this.#use((widget) => widget.attributes_changed(texts));
  }

  /** Who is signed in, as `pixy-signed-in` told it, or `null`. */
  get session() {
    return this.#session;
  }

  /** Signs in, unless somebody is: from a click's own listener, where that opens a window. */
  signIn() {
    return this.#ask((widget) => widget.sign_in());
  }

  /** Signs out, as the button does. */
  signOut() {
    return this.#ask((widget) => widget.sign_out());
  }

  /** As the browser's own `fetch`, with the access token, to the APIs that the attributes list. */
  async fetch(input, init) {
    const request = new Request(input, init);
    const { method, signal } = request;
    signal.throwIfAborted();
    const ended = new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    const url = request.url.split("#")[0];
    const headers = Array.from(request.headers, (header) => header.join(":")).join("\n");
    const body = /^(GET|HEAD)$/.test(method) ? undefined : await request.arrayBuffer();
    const sent = body?.byteLength ? body : undefined;
    return Promise.race([this.#ask((widget) => widget.fetch(method, url, headers, sent, signal)), ended]);
  }

  #note({ type, target, detail }) {
    if (target === this) this.#session = type === "pixy-signed-in" ? detail : null;
  }

  #start() {
    if (this.#widget) return;
    if (broken) this.#fail("widget_failed");
    else this.#starting ??= this.#begin();
  }

  async #begin() {
    this.#failed = undefined;
    askAhead(issuerOf(this));
    this.#wait();
    // On their way beside the program.
    textsOf(this);
    const isThere = await init().then(() => true, () => false);
    if (isThere) this.#texts = await Promise.race([textsOf(this), late()]);
    this.#starting = undefined;
    if (!this.isConnected) return;
    if (!isThere) return this.#fail(failure());
    try {
      this.#widget = new Widget(this, this.#root, this.#texts, this.#clicked);
    } catch (why) {
      return this.#break(why);
    }
    this.#clicked = false;
    this.#speak();
  }

  #end() {
    const widget = this.#widget;
    this.#widget = undefined;
    this.#clicked = false;
    this.#session = null;
    this.#root.replaceChildren();
    // Whoever hears of it may put the element back at once.
    widget?.free();
  }

  #use(task) {
    if (!this.#widget) return;
    try {
      task(this.#widget);
    } catch (why) {
      this.#break(why);
    }
  }

  /** What the widget answers a script of the page. */
  async #ask(task) {
    if (broken) throw new PixyError(told("widget_failed"));
    // Nothing is waited for where the widget is there: a window opens in the click's own listener only.
    if (this.isConnected) this.#start();
    while (!this.#widget && this.#starting) await this.#starting;
    if (!this.isConnected) throw new DOMException("This <pixy-login> is in no page.", "InvalidStateError");
    if (!this.#widget) throw new PixyError(told(this.#failed));
    try {
      return await task(this.#widget);
    } catch (why) {
      if (!why.code) this.#break(why);
      throw new PixyError(why.code ? why : told(this.#failed));
    }
  }

  /** A program that has trapped does nothing any more, for no element of the page. */
  #break(why) {
    broken = true;
    this.#widget = undefined;
    this.#fail("widget_failed");
    reportError(why);
  }

  #style() {
    this.#root.adoptedStyleSheets = [sheetOf(this.ownerDocument)];
  }

  /** A click before the widget is there is kept for it. */
  #click(name) {
    if (this.#widget) return this.#use((widget) => widget.click(name));
    if (name !== "sign-in") return;
    this.#clicked = true;
    if (this.#starting) this.#wait();
    this.#start();
  }

  #wait() {
    const texts = before(this);
    const focused = this.#root.activeElement;
    const button =
      this.#clicked || isAnswered()
        ? tag("button", { part: "button", type: "button", "data-pixy": "busy", "aria-busy": "true" }, texts.busy)
        : tag("button", { part: "button", type: "button", "data-pixy": "sign-in" }, texts.signIn);
    this.#root.replaceChildren(button);
    if (focused) button.focus();
  }

  #fail(code) {
    this.#clicked = false;
    this.#failed = code;
    const [texts, detail] = [before(this), told(code)];
    const again = tag("button", { part: "button", type: "button", "data-pixy": "sign-in" }, texts.signIn);
    this.#root.replaceChildren(
      tag(
        "div",
        { part: "error", role: "alert", "data-pixy": "error", "data-code": code },
        tag("p", { part: "error-message" }, texts[code]),
        ...(detail.retry ? [again] : []),
      ),
    );
    this.dispatchEvent(new CustomEvent("pixy-error", { bubbles: true, composed: true, detail }));
  }

  /** A property that was set before this class was known hides the class's own. */
  #upgrade(name) {
    if (!Object.hasOwn(this, name)) return;
    const value = this[name];
    delete this[name];
    this[name] = value;
  }
}

for (const [name, attribute] of Object.entries(PROPERTIES)) {
  Object.defineProperty(PixyLogin.prototype, name, {
    configurable: true,
    enumerable: true,
    get() {
      return this.getAttribute(attribute) ?? "";
    },
    set(value) {
      if (value == null) this.removeAttribute(attribute);
      else this.setAttribute(attribute, value);
    },
  });
}

// The script may stand in the page twice.
if (!customElements.get(TAG)) customElements.define(TAG, PixyLogin);
