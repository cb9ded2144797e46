// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** The fonts' licence must travel with them. */
function fontLicenses(): Plugin {
  const read = (font: string) => readFileSync(`node_modules/@fontsource-variable/${font}/LICENSE`, 'utf8');
  return {
    name: 'font-licenses',
    apply: 'build',
    generateBundle() {
      const source = ['inter', 'jetbrains-mono'].map(read).join('\n\n');
      this.emitFile({ type: 'asset', fileName: 'static/font-licenses.txt', source });
    },
  };
}

/**
 * Browsers look ahead in the text of a page and would fetch the assets relative to the base it was written with, before the script
 * above them has found the real one: below a prefix that asks somebody else. So that script also writes the tags.
 */
function assetsAfterBase(): Plugin {
  return {
    name: 'assets-after-base',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html) {
        const tags: string[] = [];
        const rest = html.replace(/\s*<(?:script type="module"[^>]*><\/script>|link [^>]*href="\.\/[^>]*>)/g, (tag) => {
          tags.push(tag.trim());
          return '';
        });
        const text = tags.join('').replaceAll("'", '&#39;').replaceAll('</script>', '<\\/script>');
        return rest.replace('</head>', `  <script>document.write('${text}');</script>\n  </head>`);
      },
    },
  };
}

// Relative addresses everywhere (base './'): the page finds its own prefix at run time, see index.html.
export default defineConfig({
  base: './',
  plugins: [react(), fontLicenses(), assetsAfterBase()],
  build: {
    assetsDir: 'static',
    // Fonts and icons stay files: the server gives them a long cache life, and a strict CSP needs no data: sources.
    assetsInlineLimit: 0,
    target: 'es2023',
    license: { fileName: 'static/licenses.md' },
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': process.env.SKUA_URL ?? 'http://127.0.0.1:16686' } },
  test: { include: ['src/**/*.test.ts', 'tools/**/*.test.ts'], environment: 'node' },
});
