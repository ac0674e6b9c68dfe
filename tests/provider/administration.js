// What the administrator of a provider can do to people and apps, for tests of what an app makes of it.
import { interactionPolicy } from 'oidc-provider';

/** Puts the clients where oidc-provider looks them up, so that they can be taken away. */
export function registerClients(store, clients) {
  return Promise.all(clients.map((client) => store('Client').upsert(client.client_id, client)));
}

/** The actions by their paths. Each is called with the query, which names `person` (a login) and `client`. */
export function createAdministration({ store, accounts, clients }) {
  const personIn = (query) => named('person', query, accounts.all, 'login');
  const clientIn = (query) => named('client', query, clients, 'client_id');
  return new Map([
    ['/_disable-person', (query) => accounts.disable(personIn(query))],
    ['/_delete-sessions', (query) => store('Session').destroyWhere({ accountId: personIn(query).sub })],
    // Without its grant no token is good for anything, and the next sign-in asks for consent.
    ['/_revoke-consent', (query) => store('Grant').destroyWhere({
      accountId: personIn(query).sub,
      clientId: clientIn(query).client_id,
    })],
    ['/_disable-client', (query) => store('Client').destroy(clientIn(query).client_id)],
    ['/_restore', () => restore({ store, accounts, clients })],
  ]);
}

function named(kind, query, list, key) {
  const found = list.find((entry) => entry[key] === query[kind]);
  if (found) return found;
  throw Object.assign(new Error(`there is no ${kind} "${query[kind]}"`), { status: 400, expose: true });
}

/** oidc-provider fails on a session whose account is gone; with this it asks who is there now. */
export function askWithoutAccount(policy) {
  const isGone = ({ oidc }) => oidc.session.accountId !== undefined && !oidc.account;
  const check = new interactionPolicy.Check('account_missing', 'the account is disabled', 'login_required', isGone);
  policy.get('login').checks.add(check);
  return policy;
}

async function restore({ store, accounts, clients }) {
  accounts.enableAll();
  await registerClients(store, clients);
  await store('Session').destroyWhere({});
  await store('Grant').destroyWhere({});
}
