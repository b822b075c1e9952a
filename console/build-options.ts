// How the console and the shop are built: a bundle each that names no other host, served by platform/http/bundle-pages.ts.

import type { UserConfig } from 'vite';

/** Served below `base`. */
export function bundleConfig(base: `/${string}/`): UserConfig {
  return {
    base,
    // Per response the server writes a number in its place.
    html: { cspNonce: 'PAGE_CSP_NONCE' },
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
  };
}
