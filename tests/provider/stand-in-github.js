// What GitHub is to its OAuth apps, without OpenID Connect:
// https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps

const PEOPLE = [
  {
    login: 'kokoro',
    portrait: { background: '#fbe3c0', hair: '#26211f', skin: '#f0c8a6', clothes: '#2f6f5e' },
    claims: { sub: '583231', name: '田中 こころ', email: 'kokoro@example.com' },
    name: '田中 こころ',
  },
  {
    login: 'grace',
    portrait: { background: '#cfe8ea', hair: '#8a8f98', skin: '#f1cdb4', clothes: '#27406b' },
    claims: { sub: '9919004', name: 'grace', email: 'grace@harbour.example' },
    // She has told GitHub no name.
    name: null,
  },
];

const TOKEN = '/login/oauth/access_token';
const CALLBACK_ISSUER = /[?&]iss=[^&]*/;

/** Its token endpoint says 200 to everything, in words of its own. */
const TOKEN_ERRORS = {
  invalid_client: ['incorrect_client_credentials', 'The client_id and/or client_secret passed are incorrect.'],
  invalid_grant: ['bad_verification_code', 'The code passed is incorrect or expired.'],
};

/** GitHub, for stand-in.js. */
export const GITHUB = {
  clientId: 'Ov23liStandIn',
  people: (issuer) => PEOPLE.map((person) => ({
    ...person,
    claims: { ...person.claims, picture: `${issuer}/pictures/${person.login}.svg` },
  })),
  scopes: ['read:user', 'user:email'],
  claims: {},
  routes: { authorization: '/login/oauth/authorize', token: TOKEN },
  apis: {
    '/user': ({ login, name, claims: { sub, picture } }) => ({
      login, id: Number(sub), avatar_url: picture, name, email: null, type: 'User',
    }),
    '/user/emails': ({ login, claims: { email } }) => [
      { email: `${login}@users.noreply.github.example`, primary: false, verified: true, visibility: null },
      { email, primary: true, verified: true, visibility: 'private' },
    ],
  },
  refusal: { message: 'Requires authentication', documentation_url: 'https://docs.github.com/rest', status: '401' },
  async adapt(context, next) {
    await next();
    // No `iss` comes with the code (RFC 9207).
    const location = context.response.get('Location');
    if (location) context.set('Location', location.replace(CALLBACK_ISSUER, ''));
    if (context.path === TOKEN) adaptTokenAnswer(context);
  },
};

function adaptTokenAnswer(context) {
  const { error, access_token: token, scope = '' } = context.body ?? {};
  context.status = 200;
  if (error) {
    const [name, description] = TOKEN_ERRORS[error] ?? [error, error];
    context.body = { error: name, error_description: description };
    return;
  }
  context.body = { access_token: token, token_type: 'bearer', scope: scope.replaceAll(' ', ',') };
}
