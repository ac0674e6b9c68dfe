// What JSON.parse doesn't tell of a text.

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** Whether an object somewhere in it has a name twice. */
export function hasNameTwice(text) {
  const open = [];
  let last = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') open.push(new Set());
    if (token === '}' || token === ']') open.pop();
    if (token === ':' && last.startsWith('"')) {
      const [names, name] = [open.at(-1), JSON.parse(last)];
      if (names?.has(name)) return true;
      names?.add(name);
    }
    last = token;
  }
  return false;
}

/** Whether it is JSON that every reader reads alike (RFC 8259 sections 6, 8.1 and 8.2, and section 9). */
export function isInteroperable(bytes) {
  let text;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return false;
  }
  const isDeep = /(?:\[\s*){100}/.test(text);
  return !text.startsWith('\ufeff') && !isDeep && everyValue(JSON.parse(text), isPlain);
}

/** Whether no object and no list in it has more than a thousand. */
export function isOfUsualSize(value) {
  return everyValue(value, (each) =>
    typeof each !== 'object' || each === null || Array.isArray(each) || Object.keys(each).length <= 1000);
}

function isPlain(value) {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string') return isWellFormed(value);
  return typeof value !== 'object' || value === null || Object.keys(value).every(isWellFormed);
}

function isWellFormed(text) {
  return !/[\ud800-\udfff]/u.test(text);
}

function everyValue(value, holds) {
  if (!holds(value)) return false;
  return typeof value !== 'object' || value === null || Object.values(value).every((each) => everyValue(each, holds));
}
