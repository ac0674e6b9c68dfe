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
  const issuer = originOf(authorizationListener);
  const resource = originOf(resourceListener);

  const record = createRecorder(options.record);
  const accounts = createAccounts(issuer);
  const authorizationServer = await createAuthorizationServer({ issuer, resource, options, accounts, record });
  const nonces = options.dpopNonce ? createNonces() : undefined;

  authorizationListener.on('request', authorizationServer.handle);
  resourceListener.on('request', createResourceServer({
    resource,
    accounts,
    nonces,
    record,
    vaultMaxAge: options.vaultMaxAge,
    origins: options.clients.flatMap((client) => client.origins),
    readToken: createTokenReader(authorizationServer),
    checkProof: options.dpop ? createProofChecker({ nonces }) : undefined,
  }));

  endWithStarter();
  console.log(readyLine(issuer, resource, accounts));
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

function readyLine(issuer, resource, accounts) {
  return JSON.stringify({
    issuer,
    resource,
    one_time_code: ONE_TIME_CODE,
    accounts: accounts.all.map(({ login, password, claims }) => ({ login, password, name: claims.name })),
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
