// Feeds the metrics table from what licensing tells: each of these counters counts events of the journal, by what one of
// their fields says. Which values it may take is written here, so that each is there from the start, with 0.

import { Histogram } from '../../platform/observe/histogram.ts';
import type { Journal } from '../../platform/observe/journal.ts';
import type { EventFields } from '../../platform/observe/log-event.ts';
import { type LabelName, METRICS } from '../../platform/observe/metric-table.ts';
import type { Metrics, Sample } from '../../platform/observe/metrics.ts';
import { ORDER_STATES } from '../../platform/store/tables/order-state.ts';
import { GRANT_REFUSALS } from '../grants/format/take-grant.ts';
import { OFFER_REFUSALS, URL_REFUSALS } from '../ota/ota-desk.ts';
import { DOCUMENT_REFUSALS } from '../ota/vehicle-documents.ts';
import { KEY_ALGORITHMS } from '../pki/keys.ts';
import { REFUSED_PAYMENTS } from '../shop/payment-events.ts';
import { OTA_REFUSALS } from '../vehicle/ota/refusal.ts';

/** Of what vehicles write, and of what is not foreseen: a label must not grow. */
const OTHER = 'other';
const GRANT_SECONDS = [0.1, 0.5, 2, 10, 60, 600, 3600, 86_400] as const;

interface Counted {
  /** Of its label. */
  readonly values: readonly string[];
  /** Event -> the field that has the value, or the value itself. */
  readonly events: Readonly<Record<string, { readonly field: string } | { readonly value: string }>>;
}

export const COUNTED_EVENTS = {
  caster_certificates_issued_total: {
    values: KEY_ALGORITHMS,
    events: { certificate_issued: { field: 'algorithm' } },
  },
  caster_grants_total: {
    values: ['made', 'sent', 'stored', 'waits_for_package', 'activated', 'deactivated', 'refused'],
    events: {
      grant_made: { value: 'made' },
      grant_sent: { value: 'sent' },
      grant_receipted: { field: 'result' },
      grant_refused: { value: 'refused' },
    },
  },
  caster_grant_refusals_total: {
    values: [...GRANT_REFUSALS, OTHER],
    events: { grant_refused: { field: 'reason' } },
  },
  caster_package_answers_total: {
    values: ['offered', ...OFFER_REFUSALS],
    events: { package_offered: { value: 'offered' }, package_refused: { field: 'reason' } },
  },
  caster_ota_refusals_total: {
    values: [
      ...new Set<string>([...URL_REFUSALS, ...DOCUMENT_REFUSALS]),
      ...['vehicle_proof_missing', 'ota_url_other_vehicle', 'too_many_requests'],
    ],
    events: { ota_refused: { field: 'reason' } },
  },
  caster_packages_lost_total: {
    values: ['package_content_missing', 'package_content_damaged'],
    events: { package_lost: { field: 'reason' } },
  },
  caster_packages_not_taken_total: {
    values: [...OTA_REFUSALS, OTHER],
    events: { package_not_taken: { field: 'reason' } },
  },
  caster_orders_total: {
    values: ORDER_STATES,
    events: {
      order_made: { value: 'pending' },
      order_paid: { value: 'paid' },
      order_refunded: { value: 'refunded' },
      order_disputed: { value: 'disputed' },
      order_expired: { value: 'expired' },
      order_cancelled: { value: 'cancelled' },
    },
  },
  caster_payments_refused_total: {
    values: REFUSED_PAYMENTS,
    events: { payment_refused: { field: 'reason' } },
  },
} as const satisfies Readonly<Record<string, Counted>>;

type CountedName = keyof typeof COUNTED_EVENTS;

export interface LicensingGauges {
  /** Grants that should be out by now. */
  readonly grantsUnsent: () => number;
  /** When the root of package metadata ends; undefined where there is none. */
  readonly otaRootEndsMs: () => number | undefined;
}

type Hearer = (fields: EventFields) => void;

/** To be called before anything is told. */
export function supplyLicensingMetrics(
  metrics: Pick<Metrics, 'supply' | 'supplyHistogram'>,
  journal: Pick<Journal, 'count'>,
  gauges: LicensingGauges,
): void {
  const hearers = new Map<string, Hearer[]>();
  const hear = (event: string, hearer: Hearer): void => {
    hearers.set(event, [...(hearers.get(event) ?? []), hearer]);
  };
  for (const name of Object.keys(COUNTED_EVENTS) as CountedName[]) {
    const counted: Counted = COUNTED_EVENTS[name];
    const counts = new Map(counted.values.map((value) => [value, 0]));
    for (const [event, says] of Object.entries(counted.events)) {
      hear(event, (fields) => {
        const value = 'value' in says ? says.value : String(fields[says.field]);
        const known = counts.has(value) ? value : OTHER;
        counts.set(known, (counts.get(known) ?? 0) + 1);
      });
    }
    metrics.supply(name, () =>
      [...counts].map(([label, value]) => {
        const labels = { [METRICS[name].labels[0]]: label };
        // The label is the metric's own, but the compiler does not know which of the names it is.
        return { labels, value } as Sample<LabelName<CountedName>>;
      }),
    );
  }
  const seconds = new Histogram(GRANT_SECONDS);
  hear('grant_receipted', ({ tookMs }) => {
    if (typeof tookMs === 'number') seconds.add(tookMs / 1000);
  });
  let bytes = 0;
  hear('package_sent', (fields) => void (bytes += Number(fields['bytes'])));
  journal.count((event, fields) => hearers.get(event)?.forEach((hearer) => hearer(fields)));
  metrics.supplyHistogram('caster_grant_seconds', () => seconds.sample());
  metrics.supply('caster_package_bytes_total', () => [{ labels: {}, value: bytes }]);
  metrics.supply('caster_grants_unsent', () => [{ labels: {}, value: gauges.grantsUnsent() }]);
  metrics.supply('caster_ota_root_expiry_timestamp_seconds', () => {
    const endsMs = gauges.otaRootEndsMs();
    return endsMs === undefined ? [] : [{ labels: {}, value: endsMs / 1000 }];
  });
}
