// `node scripts/pictures.mjs`: the pictures of the README, taken anew of the console of a demo into docs/images. Needs
// Chromium and the packages.

import { ensureBundles } from './setup/bundles.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { projectNode, run } from './setup/project.mjs';

if (!(await ensurePackages()) || !(await ensureBundles(['console']))) process.exitCode = 1;
else process.exitCode = await run(projectNode(), ['test/e2e/readme-pictures.ts']);
