// What Pixy Login says of inputs: `fuzz/src/bin/judge.rs` judges, a line each.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { verify } from './keys.js';

const JUDGE = process.env.PIXY_JUDGE;

/** The verdicts, in the order of the inputs. */
export async function askAll(inputs) {
  if (!JUDGE) throw new Error('PIXY_JUDGE names no judge: run `cargo xtask test native`');
  const judge = spawn(JUDGE, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(judge, 'close');
  judge.stdin.on('error', () => {});
  judge.stdin.end(inputs.map((input) => `${JSON.stringify(input)}\n`).join(''));
  const verdicts = [];
  for await (const line of createInterface({ input: judge.stdout })) verdicts.push(JSON.parse(line));
  const [status] = await ended;
  if (status !== 0 || verdicts.length !== inputs.length) {
    const last = JSON.stringify(inputs[verdicts.length]);
    throw new Error(`the judge ended with ${status} after ${verdicts.length} verdicts, at ${last}`);
  }
  return verdicts.map((verdict, index) => signed(inputs[index], verdict));
}

/** The browser's part: one of the keys that may have signed the ID token did. */
function signed(input, verdict) {
  if (!verdict.accepted || !input.keys) return verdict;
  const { keys, ...read } = verdict.read;
  if (read.sub === null) return { accepted: true, read };
  const token = JSON.parse(Buffer.from(input.response.body, 'base64')).id_token;
  const [header, claims, signature] = token.split('.');
  const { alg } = JSON.parse(Buffer.from(header, 'base64url'));
  const isSigned = keys.some((key) => verify(key, alg, `${header}.${claims}`, Buffer.from(signature, 'base64url')));
  return isSigned ? { accepted: true, read } : { accepted: false, code: 'signature_invalid', about: null };
}
