// What Google is to its clients: https://developers.google.com/identity/openid-connect/reference
const PEOPLE = [
  {
    login: 'kokoro',
    portrait: { background: '#fbe3c0', hair: '#26211f', skin: '#f0c8a6', clothes: '#2f6f5e' },
    claims: {
      sub: '104836027511940638215',
      name: '田中 こころ',
      given_name: 'こころ',
      family_name: '田中',
      email: 'kokoro@example.com',
      email_verified: true,
    },
  },
  {
    login: 'grace',
    portrait: { background: '#cfe8ea', hair: '#8a8f98', skin: '#f1cdb4', clothes: '#27406b' },
    claims: {
      sub: '117402958836620471093',
      name: 'Grace Murray',
      given_name: 'Grace',
      family_name: 'Murray',
      email: 'grace@harbour.example',
      email_verified: true,
      // Only people of an organization have one.
      hd: 'harbour.example',
    },
  },
];

/** Google, for stand-in.js. */
export const GOOGLE = {
  clientId: 'stand-in.apps.googleusercontent.com',
  people: (issuer) => PEOPLE.map((person) => ({
    ...person,
    claims: { ...person.claims, picture: `${issuer}/pictures/${person.login}.svg` },
  })),
  scopes: ['openid'],
  claims: {
    openid: ['sub', 'hd'],
    profile: ['name', 'given_name', 'family_name', 'picture'],
    email: ['email', 'email_verified'],
  },
  routes: {
    authorization: '/o/oauth2/v2/auth',
    token: '/token',
    userinfo: '/v1/userinfo',
    jwks: '/oauth2/v3/certs',
    revocation: '/revoke',
  },
  /** What Google had before OpenID Connect, and what many still ask. */
  apis: {
    '/userinfo/v2/me': ({ claims: { sub: id, email_verified: verified, ...rest } }) => ({ id, verified_email: verified, ...rest }),
  },
  refusal: { error: { code: 401, message: 'Request is missing required authentication credential.', status: 'UNAUTHENTICATED' } },
};
