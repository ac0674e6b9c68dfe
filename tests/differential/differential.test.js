// The protocol's code and oauth4webapi, asked the same: what it refuses is refused here, and whatever is
// judged otherwise has a name and a reason.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, mock, test } from 'node:test';
import { SURFACES, casesOf } from './cases.js';
import { DIFFERENCES, partsOf } from './differences.js';
import { NOW } from './drafts.js';
import { fieldCases } from './field.js';
import { askAll } from './ours.js';
import { ask } from './peer.js';
import { SEED } from './random.js';

/** The least that each surface must have compared: cases, accepted by both, refused by both. */
const LEAST = {
  discovery: { cases: 5900, accepted: 500, refused: 3000 },
  authorization: { cases: 5300, accepted: 800, refused: 3000 },
  token: { cases: 6500, accepted: 700, refused: 3500 },
  refresh: { cases: 6400, accepted: 800, refused: 3500 },
  userinfo: { cases: 5300, accepted: 1200, refused: 2500 },
  par: { cases: 5200, accepted: 600, refused: 2500 },
  challenge: { cases: 5100, accepted: 2300, refused: 20 },
};

const met = new Map();

before(() => mock.method(Date, 'now', () => NOW * 1000));
after(() => mock.restoreAll());

for (const surface of SURFACES) {
  test(`${surface}: as oauth4webapi judges`, async (t) => {
    const cases = casesOf(surface);
    const all = [...cases.singles, ...cases.pairs, ...cases.mutations];
    const [ours, theirs] = await Promise.all([askAll(all.map(({ input }) => input)), askPeer(all)]);
    const verdicts = all.map((each, index) => ({ ...each, ours: ours[index], theirs: theirs[index] }));
    assert.ok(verdicts[0].ours.accepted && verdicts[0].theirs.accepted, 'the honest case is accepted by both');
    const count = { cases: all.length, accepted: 0, refused: 0, explained: 0 };
    const unexplained = [];
    for (const verdict of verdicts) {
      const kind = kindOf(verdict);
      const name = kind in DIFFERENCES ? explanation(kind, verdict) : kind;
      if (name === undefined) unexplained.push(told(kind, verdict));
      else count[kind in DIFFERENCES ? 'explained' : kind === 'same' ? 'accepted' : 'refused'] += 1;
    }
    const { singles, pairs, mutations } = cases;
    t.diagnostic(`${singles.length} single, ${pairs.length} pairs, ${mutations.length} garbled by seed ${SEED}: ${JSON.stringify(count)}`);
    assert.equal(unexplained.length, 0, `${unexplained.length} differences without a name:\n${unexplained.slice(0, 10).join('\n')}`);
    for (const [what, least] of Object.entries(LEAST[surface])) assert.ok(count[what] >= least, `${what}: ${count[what]}`);
  });
}

test('what real providers send is judged as docs/differences.md has it', async () => {
  const cases = fieldCases();
  const [ours, theirs] = await Promise.all([askAll(cases.map(({ input }) => input)), askPeer(cases)]);
  const verdicts = cases.map((each, index) => ({ ...each, ours: ours[index], theirs: theirs[index] }));
  const lines = verdicts.map(fieldLine);
  const written = documented().split('\n').filter((line) => /^\| (?:F\d+|–) \|/.test(line));
  assert.deepEqual(written, lines, `the table of field inputs is now:\n${lines.join('\n')}`);
});

test('every difference was met, and is explained in docs/differences.md', (t) => {
  const names = [...new Set(Object.values(DIFFERENCES).flatMap((some) => Object.keys(some)))];
  for (const name of names) t.diagnostic(`${met.get(name) ?? 0} times: ${name}`);
  assert.deepEqual(names.filter((name) => !met.has(name)), []);
  const explained = [...documented().matchAll(/^### (.+)$/gm)].map(([, name]) => name);
  assert.deepEqual(explained.toSorted(), names.toSorted());
});

function documented() {
  return readFileSync(new URL('../../docs/differences.md', import.meta.url), 'utf8');
}

/** A line of the table: what became of a field input on both sides, and the name of the difference. */
function fieldLine(verdict) {
  const { row, words, input, ours, theirs } = verdict;
  const kind = kindOf(verdict);
  const name = kind in DIFFERENCES ? explanation(kind, verdict) : '';
  assert.ok(name !== undefined, `a difference without a name: ${told(kind, verdict)}`);
  const we = ours.accepted ? 'yes' : `\`${ours.code}\``;
  return `| ${row} | ${input.surface}: ${words} | ${we} | ${theirs.accepted ? 'yes' : 'no'} | ${name} |`;
}

async function askPeer(cases) {
  const verdicts = [];
  for (const { input } of cases) verdicts.push(await ask(input));
  return verdicts;
}

/** `same` and `neither`, or the kind of difference: what we did that it did not. */
function kindOf({ ours, theirs }) {
  if (!ours.accepted) return theirs.accepted ? 'refused' : 'neither';
  if (!theirs.accepted) return 'accepted';
  return isSame(ours.read, theirs.read) ? 'same' : 'read';
}

function isSame(ours, theirs) {
  try {
    assert.deepEqual(JSON.parse(JSON.stringify(ours)), JSON.parse(JSON.stringify(theirs)));
    return true;
  } catch {
    return false;
  }
}

function explanation(kind, verdict) {
  const parts = partsOf(verdict);
  const holds = ([, rule]) => {
    try {
      return rule(parts);
    } catch {
      // A rule that asks for what the case doesn't have is not about the case.
      return false;
    }
  };
  const name = Object.entries(DIFFERENCES[kind]).find(holds)?.[0];
  if (name) met.set(name, (met.get(name) ?? 0) + 1);
  return name;
}

function told(kind, { name, input, ours, theirs }) {
  const { address, header } = input;
  return `${kind}: ${name}\n    ours ${JSON.stringify(ours)}\n    theirs ${JSON.stringify(theirs)}\n    ${address ?? header ?? ''}`;
}
