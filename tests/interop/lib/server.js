// What every start.js needs: its arguments, free ports, children that end with it, and the control server.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const LOOPBACK = '127.0.0.1';
const START_LIMIT = 240_000;
const PAUSE = 100;

/** The arguments of `start.js`, as README.md names them. From here on it ends with whoever started it. */
export function readArguments() {
  endWithStarter();
  const { values } = parseArgs({
    options: {
      home: { type: 'string', default: '' },
      data: { type: 'string' },
      origin: { type: 'string', multiple: true, default: [] },
      'redirect-uri': { type: 'string', multiple: true, default: [] },
      'post-logout-uri': { type: 'string', multiple: true, default: [] },
      variant: { type: 'string', multiple: true },
    },
  });
  return {
    home: values.home,
    data: values.data,
    origins: values.origin,
    redirectUris: values['redirect-uri'],
    postLogoutUris: values['post-logout-uri'],
    wants: (variant) => !values.variant || values.variant.includes(variant),
  };
}

/** A port that is free now. */
export function freePort() {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, LOOPBACK, () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Imports a package that was installed in `home`. */
export function importFrom(home, name) {
  const require = createRequire(join(home, 'package.json'));
  return import(pathToFileURL(require.resolve(name)).href);
}

/**
 * Starts a program whose output goes to the log. Everything ends when it ends by itself. It is told to end, not
 * killed, so that a script can end what it started.
 */
export function run(program, args, options = {}) {
  const child = spawn(program, args, { stdio: ['ignore', 2, 2], ...options });
  child.on('error', (error) => fail(`${program} could not be started: ${error.message}`));
  child.on('exit', (code, signal) => fail(`${program} ended (${signal ?? code})`));
  process.on('exit', () => child.kill());
  return child;
}

/** Runs a program to its end and returns what it prints. */
export function output(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 2], ...options });
    let text = '';
    child.stdout.on('data', (piece) => { text += piece; });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(text);
      else reject(new Error(`${program} ${args.join(' ')} failed (${code})`));
    });
  });
}

/** Waits until an address answers with a status of success. */
export async function waitFor(url) {
  const deadline = Date.now() + START_LIMIT;
  for (;;) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    if (Date.now() > deadline) throw new Error(`${url} does not answer`);
    await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
  }
}

/** Sends a request and returns the JSON of its answer; anything but success is an error. */
export async function request(url, options = {}) {
  const { json, ...rest } = options;
  const body = json === undefined ? {} : { body: JSON.stringify(json) };
  const type = json === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(url, { ...rest, ...body, headers: { ...type, ...rest.headers } });
  const text = await response.text();
  if (!response.ok) throw new Error(`${options.method ?? 'GET'} ${url}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

/**
 * Serves the control actions, and prints the line that says that everything is ready. Each action is
 * called with `{variant, client}`.
 */
export async function serve({ account, variants, actions }) {
  const control = createServer((incoming, response) => {
    answer(incoming, actions).then(
      ({ status, text }) => response.writeHead(status).end(text),
      (error) => response.writeHead(500).end(String(error.stack)),
    );
  });
  await new Promise((resolve) => { control.listen(0, LOOPBACK, resolve); });
  console.log(JSON.stringify({ control: `http://${LOOPBACK}:${control.address().port}`, account, variants }));
}

async function answer(incoming, actions) {
  let body = '';
  for await (const piece of incoming) body += piece;
  const action = actions[incoming.url.slice(1)];
  if (!action) return { status: 501, text: 'this server has no such action' };
  await action(JSON.parse(body || '{}'));
  return { status: 204 };
}

function endWithStarter() {
  const end = () => process.exit(0);
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.stdin.on('end', end);
  process.stdin.on('error', end);
  process.stdin.resume();
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
