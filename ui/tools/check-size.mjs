// SPDX-License-Identifier: Apache-2.0
// The JavaScript a page needs before it can draw: the entry and everything it imports statically. Bound: 150 kB gzip.
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

const seen = new Set();
const queue = [...html.matchAll(/(?:src|href)="\.\/(static\/[^"]+\.js)"/g)].map((match) => match[1]);
while (queue.length > 0) {
  const file = queue.pop();
  if (seen.has(file)) continue;
  seen.add(file);
  const text = readFileSync(join(dist, file), 'utf8');
  for (const match of text.matchAll(/(?:\bfrom|\bimport)\s*["'`]\.\/([^"'`]+\.js)["'`]/g))
    queue.push(`static/${match[1]}`);
}
if (seen.size === 0) throw new Error('cannot find the entry script in dist/index.html');

const size = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
for (const file of readdirSync(join(dist, 'static')).sort()) {
  const name = `static/${file}`;
  console.log(`${String(size(name)).padStart(8)} B gzip  ${name}${seen.has(name) ? '  (initial)' : ''}`);
}
const initial = [...seen].reduce((sum, file) => sum + size(file), 0);
console.log(`${String(initial).padStart(8)} B gzip  initial JavaScript; limit ${limit}`);
if (initial > limit) throw new Error(`initial JavaScript is ${initial} B gzip; want at most ${limit}`);
