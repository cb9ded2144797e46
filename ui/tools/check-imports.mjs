// SPDX-License-Identifier: Apache-2.0
// The folders of src/ are the architecture: this table says which may import which. One feature never imports another.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const allowed = {
  app: ['features', 'components', 'canvas', 'state', 'api', 'model', 'lib'],
  features: ['components', 'canvas', 'state', 'api', 'model', 'lib'],
  components: ['state', 'model', 'lib'],
  canvas: ['model', 'lib'],
  state: ['model', 'lib'],
  api: ['model', 'lib'],
  model: ['lib'],
  lib: [],
};
// Everything pure: these folders run in workers and in node, so they know no React.
const withoutReact = ['canvas', 'api', 'model', 'lib'];

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../src');

export function complaintsOf(file, text) {
  const [area, feature] = file.split('/');
  const complaints = [];
  for (const match of text.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*|\bnew URL\(\s*)['"]([^'"]+)['"]/g)) {
    const target = match[1];
    if (!target.startsWith('.')) {
      if (withoutReact.includes(area) && /^react(-|\/|$)|^@tanstack\/react/.test(target)) {
        complaints.push(`${file}: ${area} knows no React, yet imports ${target}`);
      }
      continue;
    }
    const [toArea, toFeature] = relative(root, resolve(root, dirname(file), target)).split('/');
    if (toArea === '..') complaints.push(`${file}: imports ${target} from outside src`);
    else if (toArea !== area && !(allowed[area] ?? []).includes(toArea)) {
      complaints.push(`${file}: ${area} may not import ${toArea} (${target})`);
    } else if (area === 'features' && toArea === 'features' && feature !== toFeature) {
      complaints.push(`${file}: feature ${feature} may not import feature ${toFeature} (${target})`);
    }
  }
  return complaints;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = readdirSync(root, { recursive: true }).filter((name) => /\.tsx?$/.test(name));
  const complaints = files.flatMap((file) => complaintsOf(file, readFileSync(join(root, file), 'utf8')));
  for (const complaint of complaints) console.error(complaint);
  if (files.length === 0) console.error(`no sources below ${root}`);
  process.exit(complaints.length || files.length === 0 ? 1 : 0);
}
