// Starts the authorization server and the resource server, says so in one line, and ends when
// whoever started it goes away.
import { createServer } from 'node:http';
import { createAccounts } from './accounts.js';
import { createTokenReader } from './access-tokens.js';
import { createAuthorizationServer } from './authorization-server.js';
import { createNonces, createProofChecker } from './dpop.js';
import { parseOptions, USAGE, UsageError } from './options.js';
import { createRecorder } from './record.js';
import { createResourceServer } from './resource-server.js';
import { ONE_TIME_CODE } from './second-factor.js';
import { createStandIn } from './stand-in.js';
import { callbackOf, createUpstream, readUpstream } from './upstream.js';

const HOST = '127.0.0.1';

try {
  await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exit(1);
}

async function main(options) {
  if (options.help) {
    console.log(USAGE);
    return;
  }
  if (typeof URL.parse !== 'function') {
    throw new UsageError(`Node ${process.version} is too old for the test provider; take the newest Node 20 or a later one`);
  }

  // The issuer is the origin of the port, so the ports are taken before the servers are made.
  const authorizationListener = await listen(options.port, '--port');
  const resourceListener = await listen(options.resourcePort, '--resource-port');
  const origin = originOf(authorizationListener);
  const issuer = options.likeAuth0 ? `${origin}/` : origin;
  const resource = originOf(resourceListener);

  const record = createRecorder(options.record);
  const accounts = createAccounts(origin);
  const upstream = await prepareUpstream({ issuer: origin, options, record });
  const authorizationServer = await createAuthorizationServer({ issuer, resource, options, accounts, record, upstream });
  const nonces = options.dpopNonce ? createNonces() : undefined;

  authorizationListener.on('request', authorizationServer.handle);
  resourceListener.on('request', createResourceServer({
    resource,
    accounts,
    nonces,
    record,
    vaultMaxAge: options.vaultMaxAge,
    origins: originsOfClients(options),
    readToken: createTokenReader(authorizationServer),
    checkProof: options.dpop ? createProofChecker({ nonces }) : undefined,
  }));

  endWithStarter();
  console.log(readyLine(issuer, resource, accounts, upstream));
}

/** Where people can sign in instead of here; the stand-in starts with it. */
async function prepareUpstream({ issuer, options, record }) {
  const wanted = readUpstream(options.upstream, process.env);
  if (!wanted) return undefined;
  const redirectUri = callbackOf(issuer, wanted);
  if (!wanted.isStandIn) return createUpstream({ ...wanted, redirectUri });
  const listener = await listen(options.standInPort, '--stand-in-port');
  const standInIssuer = originOf(listener);
  const { handle, ...credentials } = await createStandIn({
    ...wanted, issuer: standInIssuer, redirectUri, origins: originsOfClients(options), record,
  });
  listener.on('request', handle);
  return createUpstream({ ...wanted, ...credentials, issuer: standInIssuer, api: standInIssuer, redirectUri });
}

function originsOfClients(options) {
  return options.clients.flatMap((client) => client.origins);
}

function listen(port, option) {
  const listener = createServer();
  return new Promise((resolve, reject) => {
    listener.once('error', (error) => reject(explain(error, port, option)));
    listener.listen(port, HOST, () => resolve(listener));
  });
}

function explain(error, port, option) {
  if (error.code === 'EADDRINUSE') {
    return new UsageError(`port ${port} is already in use; free it or choose another with ${option}`);
  }
  if (error.code === 'EACCES') {
    return new UsageError(`port ${port} may not be used by this user; choose another with ${option}`);
  }
  return error;
}

function originOf(listener) {
  return `http://localhost:${listener.address().port}`;
}

function readyLine(issuer, resource, accounts, upstream) {
  return JSON.stringify({
    issuer,
    resource,
    one_time_code: ONE_TIME_CODE,
    accounts: accounts.all.map(({ login, password, claims }) => ({ login, password, name: claims.name })),
    ...(upstream ? { upstream: upstream.description } : {}),
  });
}

function endWithStarter() {
  const end = () => process.exit(0);
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.stdin.on('end', end);
  process.stdin.on('error', end);
  process.stdin.resume();
}
