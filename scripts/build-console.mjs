// `npm run build:console`: the web console into console/dist and the shop into shop/dist, where they are missing or older
// than their sources. With `--if-possible` a build that fails is only told: what `npm start` and `npm run rovercast` run
// before the server. It must print nothing on standard output, which belongs to the command that follows.

import { ensureBundles } from './setup/bundles.mjs';
import { ensurePackages } from './setup/packages.mjs';

const mayFail = process.argv.includes('--if-possible');
if (!(await ensurePackages())) process.exitCode = 1;
else if (!(await ensureBundles()) && !mayFail) process.exitCode = 1;
