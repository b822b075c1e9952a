// `npm run build:console`: the web console into console/dist, where it is missing or older than its sources. With
// `--if-possible` a build that fails is only told: what `npm start` and `npm run rovercast` run before the server.
// It must print nothing on standard output, which belongs to the command that follows.

import { ensureConsole } from './setup/console.mjs';
import { ensurePackages } from './setup/packages.mjs';

const mayFail = process.argv.includes('--if-possible');
if (!(await ensurePackages())) process.exitCode = 1;
else if (!(await ensureConsole()) && !mayFail) process.exitCode = 1;
