// What the resource server has, and the resources that an access token can be asked for (RFC 8707):
// the whole server by its origin, or one of its paths.

/** Each path and the scope that it asks for. */
export const SCOPE_OF = new Map([
  ['/profile', 'profile'],
  ['/mail', 'mail'],
  ['/vault', 'profile'],
]);

/** The resource that `indicator` names at the server `origin`, with its scopes; undefined if there is none. */
export function findResource(origin, indicator) {
  const { href } = new URL(indicator);
  if (href === `${origin}/`) return { audience: origin, scope: [...new Set(SCOPE_OF.values())].join(' ') };
  const path = [...SCOPE_OF.keys()].find((known) => href === origin + known);
  return path && { audience: href, scope: SCOPE_OF.get(path) };
}

/** Whether an access token for `audience` is meant for `path`. One that names no audience is good for all. */
export function isMeantFor(audience, origin, path) {
  return audience === undefined || audience === origin || audience === origin + path;
}
