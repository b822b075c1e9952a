// How far a release has come, as the API counts it, on both databases.

import { afterEach, describe, expect, test } from 'vitest';
import { type ApiUnderTest, good, openApi } from '../../support/api-app.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import { ask, packageWanted, released, vehicleWithRight } from './ota-under-test.ts';

const stores = useStores();
let api: ApiUnderTest | undefined;
afterEach(async () => await api?.close());

describe.each(DIALECTS)('on %s', (dialect) => {
  test('a release tells how many vehicles were offered it, have it, and did not take it, each counted once', async (context) => {
    const under = await openApi(await stores.open(dialect, context));
    api = under;
    const { releaseId } = await released(under);
    const [first, second] = [await vehicleWithRight(under), await vehicleWithRight(under)];
    const offer = await ask(under, packageWanted(first));
    await ask(under, packageWanted(first));
    const other = await ask(under, packageWanted(second));
    const note = async ({ requestId }: { readonly requestId: unknown }, noted: object) =>
      await under.store.db
        .updateTable('ota_requests')
        .set(noted)
        .where('request_id', '=', String(requestId))
        .execute();
    const told = async () => await good(under.owner('GET', `/v1/releases/${releaseId}/progress`));
    await note(offer, { downloaded_at: Date.now() });
    await note(other, { vehicle_reason: 'content_wrong', vehicle_refused_at: Date.now() });
    expect(await told()).toEqual({
      ...{ releaseId, offered: 2, downloaded: 1, installed: 0 },
      notTaken: [{ reason: 'content_wrong', vehicles: 1 }],
    });
    // What it takes in the end is no failure any more.
    const again = await ask(under, packageWanted(second));
    await note(again, { downloaded_at: Date.now(), installed_at: Date.now() });
    expect(await told()).toMatchObject({ offered: 2, downloaded: 2, installed: 1, notTaken: [] });
    const list = await good<{ data: object[] }>(
      under.owner('GET', `/v1/ota/requests?releaseId=${releaseId}`),
    );
    expect(list.data).toHaveLength(4);
  });
});
