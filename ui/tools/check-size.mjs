// SPDX-License-Identifier: Apache-2.0
// The JavaScript a page needs before it can draw: the entry, the page's own chunk and all they import statically. Bound: 150 kB gzip.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const limit = 150_000;
const dist = join(dirname(fileURLToPath(import.meta.url)), '../dist');
const html = readFileSync(join(dist, 'index.html'), 'utf8');
for (const pattern of [
  /JAEGER_CONFIG *= *DEFAULT_CONFIG;/g,
  /^\s*\/\/\s*JAEGER_CONFIG_JS.*\n.*/gim,
  /JAEGER_VERSION *= *DEFAULT_VERSION;/g,
  /JAEGER_BACKEND_CAPABILITIES *= *DEFAULT_BACKEND_CAPABILITIES;/g,
  /JAEGER_STORAGE_CAPABILITIES *= *DEFAULT_STORAGE_CAPABILITIES;/g,
  /<base href="\/"/g,
]) {
  const count = html.match(pattern)?.length ?? 0;
  if (count !== 1)
    throw new Error(`cannot accept dist/index.html: placeholder ${pattern} occurs ${count} times; want 1`);
}

const files = readdirSync(join(dist, 'static')).sort();

/** A file and everything it imports statically. */
function closure(first) {
  const seen = new Set();
  const queue = [...first];
  while (queue.length > 0) {
    const file = queue.pop();
    if (seen.has(file)) continue;
    seen.add(file);
    const text = readFileSync(join(dist, 'static', file), 'utf8');
    for (const match of text.matchAll(/(?:\bfrom|\bimport)\s*["'`]\.\/([^"'`]+\.js)["'`]/g)) queue.push(match[1]);
  }
  return seen;
}

const size = (file) => gzipSync(readFileSync(join(dist, 'static', file)), { level: 9 }).length;
for (const file of files) console.log(`${String(size(file)).padStart(8)} B gzip  static/${file}`);

const entries = [...html.matchAll(/\.\/static\/([\w.-]+\.js)/g)].map((match) => match[1]);
const pages = files.filter((file) => /^\w+Page-.*\.js$/.test(file));
if (entries.length === 0 || pages.length === 0) throw new Error('cannot find the entry script and the pages in dist/');
for (const page of pages) {
  const initial = [...closure([...entries, page])].reduce((sum, file) => sum + size(file), 0);
  console.log(`${String(initial).padStart(8)} B gzip  initial JavaScript of ${page}; limit ${limit}`);
  if (initial > limit) throw new Error(`initial JavaScript of ${page} is ${initial} B gzip; want at most ${limit}`);
}
