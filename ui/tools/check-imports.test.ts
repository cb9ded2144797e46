// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
// @ts-expect-error: a script without types
import { complaintsOf } from './check-imports.mjs';

test.each([
  ['model/a.ts', "import { x } from '../lib/x';", 0],
  ['model/a.ts', "import { x } from '../api/x';", 1],
  ['model/a.ts', "import { useState } from 'react';", 1],
  ['api/a.ts', "import '../state/x';", 1],
  ['api/a.ts', "new Worker(new URL('../features/x.ts', import.meta.url));", 1],
  ['features/search/a.tsx', "import { x } from '../../model/x';\nimport { y } from './y';", 0],
  ['features/search/a.tsx', "import { x } from '../trace/x';", 1],
  ['app/a.tsx', "const page = lazy(() => import('../features/trace/x'));", 0],
  ['components/a.tsx', "export { x } from '../features/trace/x';", 1],
  ['lib/a.ts', "import x from '../../package.json';", 1],
])('%s with %s: %d complaints', (file, text, count) => {
  expect(complaintsOf(file, text)).toHaveLength(count);
});
