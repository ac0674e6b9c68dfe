// The record of requests that tests count calls with. It holds names of parameters, never their
// values, so no token, code, verifier or password can reach it.
import { appendFileSync } from 'node:fs';

// Identifiers of a running interaction stand in the path; one name for all makes lines comparable.
const INTERACTION_ID = /^(\/(?:interaction|auth))\/[^/]+/;

const KNOWN_GRANT_TYPES = new Set(['authorization_code', 'refresh_token']);

/** Returns a function that appends one line per request, or does nothing without a file. */
export function createRecorder(file) {
  if (!file) return () => {};
  return (entry) => appendFileSync(file, `${JSON.stringify(entry)}\n`);
}

/** One line of the record. `body` is the parsed form of a POST, when there was one. */
export function describeRequest({ request, port, status, body }) {
  const { path, query } = targetOf(request);
  const { headers } = request;
  return {
    time: new Date().toISOString(),
    port,
    method: request.method,
    path: path.replace(INTERACTION_ID, '$1/:id'),
    query: [...query.keys()],
    body: Object.keys(body ?? {}),
    grant_type: KNOWN_GRANT_TYPES.has(body?.grant_type) ? body.grant_type : undefined,
    origin: headers.origin,
    authorization: schemeOf(headers.authorization),
    dpop: 'dpop' in headers,
    cookie: 'cookie' in headers,
    status,
  };
}

/** The path and the query of a request, read so that no odd target can fail or name another host. */
export function targetOf(request) {
  const [, path, query] = /^([^?]*)\??(.*)$/s.exec(request.url);
  return { path, query: new URLSearchParams(query) };
}

function schemeOf(authorization) {
  return /^(bearer|dpop) /i.exec(authorization ?? '')?.[1];
}
