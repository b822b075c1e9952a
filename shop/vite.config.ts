// The shop and its worker. The worker has no hash in its name: browsers ask for it anew by the name that they know.

import path from 'node:path';
import { mergeConfig } from 'vite';
import { bundleConfig } from '../console/build-options.ts';

const WORKER = 'service-worker';

export default mergeConfig(bundleConfig('/shop/'), {
  build: {
    rolldownOptions: {
      input: {
        shop: path.join(import.meta.dirname, 'index.html'),
        [WORKER]: path.join(import.meta.dirname, 'worker', `${WORKER}.ts`),
      },
      output: {
        entryFileNames: ({ name }: { readonly name: string }) =>
          name === WORKER ? '[name].js' : 'assets/[name]-[hash].js',
      },
    },
  },
});
