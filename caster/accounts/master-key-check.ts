// Whether this process has the master key under which the secrets of the store were sealed: told at the start, and not
// by devices whose signatures are all wrong.

import { keyIdOf, type Secrets } from '../../platform/secrets/sealed-box.ts';
import { startProblem, type StartProblem } from '../../platform/start-problem.ts';
import type { Store } from '../../platform/store/store.ts';

/** Looks at the newest secret that there is; where there is none, any key fits. */
export async function checkMasterKey({ db }: Store, secrets: Secrets): Promise<StartProblem | undefined> {
  const app = await db
    .selectFrom('apps')
    .select('secret_sealed')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (app === undefined) return undefined;
  const needed = keyIdOf(app.secret_sealed);
  if (needed === undefined || needed === secrets.keyId) return undefined;
  return startProblem(
    'master_key_wrong',
    `the secrets in the store were sealed under the master key with id ${needed}, and this one has id ${secrets.keyId}`,
  );
}
