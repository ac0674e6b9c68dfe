// The process: its one line, its options, its record, its end.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { authorizationRequest, authorize, Browser, get, redeem, SERVER, startServer } from './support.js';

function run(...args) {
  return spawnSync(process.execPath, [SERVER, ...args], { encoding: 'utf8', timeout: 20000, input: '' });
}

test('it prints one line when it is ready, and ends when its input is closed', () => {
  const { stdout, status } = run('--port', '0', '--resource-port', '0');
  assert.equal(status, 0);
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.length, 1);
  const ready = JSON.parse(lines[0]);
  assert.deepEqual(Object.keys(ready), ['issuer', 'resource', 'one_time_code', 'accounts']);
  assert.match(ready.issuer, /^http:\/\/localhost:\d+$/);
  assert.match(ready.resource, /^http:\/\/localhost:\d+$/);
  assert.ok(ready.accounts.length >= 4);
  for (const account of ready.accounts) assert.deepEqual(Object.keys(account), ['login', 'password', 'name']);
});

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`it ends on ${signal}`, async () => {
    const server = await startServer();
    const ended = once(server.child, 'exit');
    server.child.kill(signal);
    assert.deepEqual(await ended, [0, null]);
    await server.stop();
  });
}

// Only Linux gives every 127.x.y.z an answer of its own.
test('it listens on one loopback address only', { skip: process.platform !== 'linux' }, async () => {
  const server = await startServer();
  try {
    const { port } = new URL(server.issuer);
    const socket = net.connect(port, '127.0.0.2');
    const [error] = await once(socket, 'error');
    assert.equal(error.code, 'ECONNREFUSED');
  } finally {
    await server.stop();
  }
});

for (const [option, other] of [['--port', '--resource-port'], ['--resource-port', '--port']]) {
  test(`a taken ${option} is one clear line`, async () => {
    const taken = net.createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address();
    const child = spawn(process.execPath, [SERVER, option, String(port), other, '0']);
    let errors = '';
    child.stderr.on('data', (chunk) => { errors += chunk; });
    const [code] = await once(child, 'close');
    taken.close();
    assert.equal(code, 1);
    const own = errors.trimEnd().split('\n').filter((line) => !line.startsWith('oidc-provider '));
    assert.deepEqual(own, [`port ${port} is already in use; free it or choose another with ${option}`]);
  });
}

test('mistakes on the command line are named', () => {
  for (const [args, message] of [
    [['--port', 'x'], /--port must be a whole number/],
    [['--port', '70000'], /--port must be a whole number/],
    [['--token-lifetime', '0'], /--token-lifetime must be/],
    [['--client', 'demo'], /--client must look like ID=URI/],
    [['--client', 'demo=http://example.com/'], /redirect URI is https, or http on loopback/],
    [['--client', 'demo=https://example.com/#x'], /redirect URI is https, or http on loopback/],
    [['--client', 'a=https://example.com/', '--client', 'a=https://example.org/'], /once/],
    [['--id-token-alg', 'HS256'], /--id-token-alg must be one of RS256 /],
    [['--lesson', '--client', 'a=https://example.com/', '--client', 'a-brief=https://example.org/'], /once/],
    [['--upstream', 'facebook'], /--upstream must be one of google github/],
    [['--post-logout', 'demo'], /--post-logout must look like ID=URI/],
    [['--post-logout', 'pixy-demo=http://example.com/'], /--post-logout: a redirect URI is https/],
    [['--post-logout', 'nobody=https://example.com/'], /--post-logout: there is no client "nobody"/],
    [['--no-dpop', '--dpop-nonce'], /--no-dpop and --dpop-nonce contradict each other/],
    [['--colour'], /--colour/],
  ]) {
    const { stderr, stdout, status } = run(...args);
    assert.equal(status, 1, args.join(' '));
    assert.equal(stdout, '');
    assert.match(stderr, message);
  }
});

test('--help explains the options', () => {
  const { stdout, status } = run('--help');
  assert.equal(status, 0);
  assert.match(stdout, /--dpop-nonce/);
  assert.match(stdout, /--test-controls .*\/_restore/s);
});

test('the record counts requests and holds no secret', async () => {
  const server = await startServer();
  const request = authorizationRequest(server);
  const account = server.accounts[0];
  const { callback } = await authorize(new Browser(), request, account);
  const { body } = await redeem(server, request, callback.get('code'));
  await get(`${server.resource}/profile`, body.access_token);
  const records = server.records();
  const text = server.recordText();
  await server.stop();

  const token = records.filter((entry) => entry.path === '/token');
  assert.equal(token.length, 1);
  assert.equal(token[0].method, 'POST');
  assert.equal(token[0].status, 200);
  assert.equal(token[0].grant_type, 'authorization_code');
  assert.equal(token[0].cookie, false);
  assert.deepEqual(token[0].body.sort(), ['client_id', 'code', 'code_verifier', 'grant_type', 'redirect_uri']);
  assert.equal(String(token[0].port), new URL(server.issuer).port);

  const profile = records.find((entry) => entry.path === '/profile');
  assert.equal(profile.authorization, 'Bearer');
  assert.equal(String(profile.port), new URL(server.resource).port);
  assert.ok(records.some((entry) => entry.path === '/interaction/:id' && entry.body.includes('password')));

  const secrets = [
    request.verifier, request.state, request.parameters.nonce, request.parameters.code_challenge,
    callback.get('code'), body.access_token, body.id_token, account.password,
  ];
  for (const secret of secrets) assert.ok(!text.includes(secret));
});
