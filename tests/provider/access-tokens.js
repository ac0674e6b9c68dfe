// What an access token is worth at the resource server. Without a resource indicator the client
// gets an opaque token, good for userinfo too, which is looked up in the provider of this process.
// With one (RFC 8707) it gets a JWT for that resource (RFC 9068), which is verified by its signature;
// whether it is meant for what it is used for is the caller's to judge.
import { jwtVerify } from 'jose';

/**
 * Returns an async function: access token → `{ sub, audience, scopes, jkt, acr, authTime }`,
 * or undefined if it is no good.
 */
export function createTokenReader(authorizationServer) {
  async function readJwt(token) {
    try {
      const { payload } = await jwtVerify(token, authorizationServer.verificationKeys, {
        issuer: authorizationServer.provider.issuer,
        typ: 'at+jwt',
        algorithms: ['ES256', 'RS256'],
        requiredClaims: ['aud', 'exp', 'sub', 'client_id'],
      });
      return {
        sub: payload.sub,
        audience: payload.aud,
        scopes: scopesOf(payload.scope),
        jkt: payload.cnf?.jkt,
        acr: payload.acr,
        authTime: payload.auth_time,
      };
    } catch {
      return undefined;
    }
  }

  async function readOpaque(token) {
    const { provider } = authorizationServer;
    const found = await provider.AccessToken.find(token);
    if (!found || found.aud !== undefined) return undefined;
    const grant = await provider.Grant.find(found.grantId);
    if (!grant) return undefined;
    return {
      sub: found.accountId,
      scopes: scopesOf(found.scope),
      jkt: found.jkt,
      acr: found.extra?.acr,
      authTime: found.extra?.auth_time,
    };
  }

  return (token) => (token.split('.').length === 3 ? readJwt(token) : readOpaque(token));
}

function scopesOf(scope) {
  return new Set((scope ?? '').split(' ').filter(Boolean));
}
