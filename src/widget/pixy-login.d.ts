/** `<pixy-login>`: "In any page" in the README says what its attributes mean, each of which but `sign-out` is a property. */
export interface PixyLoginElement extends HTMLElement {
  clientId: string;
  redirectUri: string;
  mode: string;
  preset: string;
  texts: string;
  issuer: string;
  server: string;
  realm: string;
  domain: string;
  authorizationServer: string;
  tenant: string;
  region: string;
  userPool: string;
  application: string;
  project: string;
  handle: string;
  upstream: string;
  refreshToken: string;
  discovery: string;
  discoveryUrl: string;
  endpoints: string;
  profileEndpoint: string;
  profile: string;
  scope: string;
  api: string;
  dpopApi: string;
  ownTokenApi: string;
  trustedAudience: string;
  resource: string;
  audience: string;
  prompt: string;
  acrValues: string;
  acrHint: string;
  parameters: string;
  dpop: string;
  par: string;
  pkce: string;
  keep: string;
  reload: string;
  idleLimit: string;
  sessionLimit: string;
  loginLimit: string;
  logout: string;
  logoutHintClaim: string;
  logoutParameters: string;
  postLogoutRedirectUri: string;
  initiateLoginUri: string;

  /** Who is signed in, as the last `pixy-signed-in` told, or `null`. */
  readonly session: PixySession | null;

  /**
   * Signs in, unless somebody is: the page is left, or a window opens beside it (`mode="popup"`), for which this has
   * to be called in a click's own listener.
   *
   * @throws {PixyError} Why nobody can, or did.
   */
  signIn(): Promise<void>;

  /**
   * Signs out in all tabs, and of the provider, where `sign-out` says so. Ends when the tokens are handed back.
   *
   * @throws {PixyError} Why the page could not be left for the provider. Nobody is signed in any more all the same.
   */
  signOut(): Promise<void>;

  /**
   * As the browser's own `fetch`, with the access token, to what `api`, `dpop-api` and `own-token-api` list. Waits
   * until it is known whether somebody is signed in, renews the token where it has run out, and asks once more where
   * the API calls it invalid. Method, headers, body and signal count, and nothing else of the request: no cookies; a
   * redirect is an error. The answer has to begin 30 seconds after the request is sent. After that `signal` ends it in
   * browsers that have `AbortSignal.any`.
   *
   * @throws {PixyError} `not_signed_in`, `origin_not_allowed`, `network_or_cors`, …
   * @throws {DOMException} What `signal` says; `InvalidStateError` where the element is in no page.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
}

/** What is known of the person. */
export interface PixySession {
  readonly subject: string | null;
  readonly name: string | null;
  readonly email: string | null;
  /** What the access token allows, separated by spaces. */
  readonly scope: string;
  /** What the verified ID token of the sign-in says of them, such as roles or groups, and nothing of its `nonce` and hashes; at OAuth-only providers `null`. */
  readonly claims: Readonly<Record<string, unknown>> | null;
  /** Where the sign-in began: once, when somebody has come back from the provider. */
  readonly returnTo: string | null;
}

/** What went wrong. docs/errors.md says of each code what to do. */
export interface PixyFailure {
  readonly code: string;
  readonly fault: "configuration" | "provider" | "browser" | "network" | "person" | "attack";
  /** Whether the same may work the next time. */
  readonly retry: boolean;
  /** For developers, in English. */
  readonly message: string;
}

/** What the element's methods throw. */
export type PixyError = Error & PixyFailure;

declare global {
  interface HTMLElementTagNameMap {
    "pixy-login": PixyLoginElement;
  }

  interface HTMLElementEventMap {
    "pixy-signed-in": CustomEvent<PixySession>;
    "pixy-signed-out": CustomEvent<Record<string, never>>;
    "pixy-error": CustomEvent<PixyFailure>;
  }
}
