// SPDX-License-Identifier: Apache-2.0
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// Relative addresses everywhere (base './'): the page finds its own prefix at run time, see index.html.
export default defineConfig({
  base: './',
  plugins: [react()],
  build: {
    assetsDir: 'static',
    // Fonts and icons stay files: the server gives them a long cache life, and a strict CSP needs no data: sources.
    assetsInlineLimit: 0,
    target: 'es2023',
    license: { fileName: 'static/licenses.md' },
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': process.env.SKUA_URL ?? 'http://127.0.0.1:16686' } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
