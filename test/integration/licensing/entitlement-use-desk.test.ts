// Reports of uses as they come from vehicles, and what is answered.

import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { DownKind, Uplink, VehicleLine } from '../../../licensing/broker/vehicle-line.ts';
import { findEntitlement } from '../../../licensing/entitlements/entitlement-book.ts';
import { UseDesk } from '../../../licensing/entitlements/use-desk.ts';
import type { UseReportDocument } from '../../../licensing/entitlements/use-documents.ts';
import { leaseFor } from '../../../licensing/entitlements/use-ledger.ts';
import { Journal } from '../../../platform/observe/journal.ts';
import type { Store } from '../../../platform/store/store.ts';
import { addVehicle, grant, VEHICLE } from '../../support/entitlements.ts';
import { useStores } from '../../support/use-stores.ts';
import { memoryLog } from '../../unit/platform/observe/memory-log.ts';

const stores = useStores();

type Report = UseReportDocument & { readonly sig: string };

interface Opened {
  readonly store: Store;
  readonly entitlementId: string;
  readonly leaseId: string;
  readonly pushed: { readonly kind: DownKind; readonly body: unknown }[];
  readonly events: () => Record<string, unknown>[];
  readonly send: (report: Report) => Promise<void>;
  readonly wakes: () => number;
}

async function open(context: Parameters<typeof stores.open>[1]): Promise<Opened> {
  const store = await stores.open('sqlite', context);
  await addVehicle(store);
  const entitlementId = await grant(store, { rights: { uses: 10 } });
  const { leaseId } = await store.write(async (tx) =>
    leaseFor(tx, (await findEntitlement(tx, entitlementId))!, 1),
  );
  const memory = memoryLog();
  const pushed: Opened['pushed'] = [];
  let handler: ((uplink: Uplink) => Promise<void>) | undefined;
  let wakes = 0;
  const line: VehicleLine = {
    push: ({ kind, body }) => {
      pushed.push({ kind, body: JSON.parse(body) });
      return Promise.resolve(true);
    },
    handle: (_kind, given) => (handler = given),
    onConnected: () => undefined,
    presenceOf: () => ({ connected: false, sinceMs: null }),
  };
  new UseDesk({
    ...{ store, line, suspends: true, journal: new Journal(memory.log) },
    read: ({ body }) => {
      const document = JSON.parse(Buffer.from(body).toString()) as Report;
      return Promise.resolve(
        document.sig === 'good'
          ? { ok: true, document, algorithm: 'rsa' as const }
          : { ok: false, reason: 'vehicle_signature_wrong' },
      );
    },
    sign: (algorithm, document) => Promise.resolve(JSON.stringify({ ...document, by: algorithm })),
    onTaken: () => wakes++,
  }).start();
  return {
    ...{ store, entitlementId, leaseId, pushed },
    events: () => memory.lines().filter(({ event }) => String(event).startsWith('uses_')),
    send: (report) => {
      const body = Buffer.from(JSON.stringify(report));
      return handler!({ vehicleId: VEHICLE, certificateId: 'cert_1', kind: 'uses', atMs: 1, body });
    },
    wakes: () => wakes,
  };
}

function report(leaseId: string, fields: Partial<Report>): Report {
  return {
    ...{ v: 1, typ: 'uses', certID: 'cert_1', vin: VEHICLE, at: 1_795_290_000, partNumber: 'SW-100' },
    ...{ leaseId, used: 0, counter: 1, prevHash: '', sig: 'good' },
    ...fields,
  };
}

/** SHA-256 over RFC 8785, for what a report holds: names sorted, no spaces. */
function hashOf(document: Report): string {
  const sorted = Object.fromEntries(Object.entries(document).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
}

describe('the desk for uses', () => {
  test('takes a chain of reports, and answers each with its counter, signed', async (context) => {
    const { store, entitlementId, leaseId, pushed, send, wakes } = await open(context);
    const first = report(leaseId, { used: 2, counter: 7 });
    await send(first);
    await send(report(leaseId, { used: 5, counter: 8, prevHash: hashOf(first) }));
    expect(pushed).toEqual(
      [7, 8].map((counter) => ({
        kind: 'uses',
        body: { v: 1, typ: 'uses_taken', vin: VEHICLE, leaseId, counter, by: 'rsa' },
      })),
    );
    expect(await findEntitlement(store.db, entitlementId)).toMatchObject({ uses_left: 5 });
    expect(wakes()).toBe(2);
  });

  test('suspends the right of a vehicle that went back, says so, and answers with what it knows', async (context) => {
    const { store, entitlementId, leaseId, pushed, send, events } = await open(context);
    await send(report(leaseId, { used: 2, counter: 7 }));
    await send(report(leaseId, { used: 1, counter: 6 }));
    expect(await findEntitlement(store.db, entitlementId)).toMatchObject({
      state: 'suspended',
      uses_left: 8,
    });
    expect(pushed.at(-1)?.body).toMatchObject({ counter: 7 });
    expect(events()).toMatchObject([
      {
        ...{ event: 'uses_rolled_back', level: 'error', vehicle: VEHICLE, lease: leaseId },
        ...{ entitlement: entitlementId, reason: 'counter_back', counter: 7, suspended: true },
      },
    ]);
  });

  test.for([
    ['goes back', { used: 1, counter: 6 }, 'counter_back'],
    ['names another one before', { used: 3, counter: 8, prevHash: 'x' }, 'chain_broken'],
    ['counts fewer', { used: 1, counter: 8 }, 'uses_back'],
    ['counts more than were lent', { used: 11, counter: 8 }, 'uses_beyond'],
  ] as const)('notes a report that %s in the audit log', async ([, fields, reason], context) => {
    const { store, leaseId, send } = await open(context);
    const first = report(leaseId, { used: 2, counter: 7 });
    await send(first);
    await send(report(leaseId, { prevHash: hashOf(first), ...fields }));
    const [entry, ...others] = await store.db.selectFrom('audit_entries').selectAll().execute();
    expect(others).toEqual([]);
    const actor = `vehicle ${VEHICLE}`;
    expect(entry).toMatchObject({ actor, action: 'uses', target_kind: 'lease', target_id: leaseId });
    expect(JSON.parse(entry!.after!)).toEqual({ refused: reason, counter: 7 });
  });

  test.for([
    ['a wrong signature', { sig: 'bad' }, 'vehicle_signature_wrong'],
    ['a lease that it has not', { leaseId: 'lea_other' }, 'lease_unknown'],
  ] as const)('answers nothing to a report with %s', async ([, fields, reason], context) => {
    const { leaseId, pushed, send, events } = await open(context);
    await send(report(leaseId, { used: 1, ...fields }));
    expect(pushed).toEqual([]);
    expect(events()).toMatchObject([{ event: 'uses_refused', reason, vehicle: VEHICLE }]);
  });
});
