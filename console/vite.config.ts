// How the console is built: one bundle that names no other host, served under /console/ by platform/http/console-pages.ts.

import { defineConfig } from 'vite';

export default defineConfig({
  base: '/console/',
  // Per response the server writes a number in its place.
  html: { cspNonce: 'CONSOLE_CSP_NONCE' },
  build: {
    target: 'es2022',
    // Those that know light-dark(): written for older ones, it would show nothing at all.
    cssTarget: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    // Files as they are: the Content-Security-Policy has no room for data: addresses beside pictures.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // Libraries mark what runs in browsers; all of this does.
      onLog: (level, log, otherwise) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') otherwise(level, log);
      },
    },
  },
});
