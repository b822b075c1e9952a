// What rovers used, and what was charged for it.

import { chosen, interval, named, OWNER_VARIABLES, ROVER_USAGE, topTen } from './sql.mjs';

/**
 * Charges made in the range. Their partition is the day on which their session or period began; the variable holds the
 * first such day. Charges for a period belong to no mountpoint and are left out where some are chosen.
 */
const CHARGES = `
  FROM charges FINAL
  WHERE day >= toDate('\${charges_since}') AND $__timeFilter(charged_at)
  ${chosen('customer', 'app', 'mountpoint')}`;

const chargesSince = {
  name: 'charges_since',
  hidden: true,
  sql: 'SELECT toString(min(day)) FROM charges WHERE $__timeFilter(charged_at)',
};

const MEASURES = `
  uniqExact(session_id) AS "Sessions", sum(bytes) AS "Bytes", sum(epochs) AS "Epochs",
  sum(epochs_dropped) AS "Epochs dropped", sum(duration_ms) / 1000 AS "Connected",
  sum(active_seconds) AS "With corrections"`;
const UNITS = { Bytes: 'decbytes', Connected: 's', 'With corrections': 's' };

/** Amounts are kept in millionths of the currency. */
const AMOUNT = 'sum(amount_micros) / 1000000';

const barsBy = (title, column, measure, unit) => ({
  kind: 'bars',
  title,
  says: 'The ten with most in the range, and all others together.',
  unit,
  by: 'name',
  sql: `
    SELECT ${interval('window_started_at')}, ${topTen(column, measure, ROVER_USAGE)} AS name, ${measure} AS used
    ${ROVER_USAGE}
    GROUP BY time, name ORDER BY time, name`,
});

const tableBy = (title, says, columns) => ({
  kind: 'table',
  title,
  says,
  units: UNITS,
  sql: `
    SELECT ${Object.entries(columns)
      .map(([heading, column]) => `${named(column)} AS "${heading}"`)
      .join(', ')}, ${MEASURES}
    ${ROVER_USAGE}
    GROUP BY ${Object.values(columns).join(', ')}
    ORDER BY "Bytes" DESC, ${Object.values(columns).join(', ')} LIMIT 1000`,
});

const SUMMARY = [
  {
    title: 'Bytes sent',
    says: 'Corrections that the kernel has taken for rovers.',
    measure: 'sum(bytes)',
    unit: 'decbytes',
  },
  { title: 'Epochs sent', says: 'To rovers.', measure: 'sum(epochs)' },
  {
    title: 'Connected',
    says: 'Time from login to end, of all rovers together.',
    measure: 'sum(duration_ms) / 1000',
    unit: 's',
  },
  {
    title: 'With corrections',
    says: 'Seconds in which an epoch was sent, of all rovers together.',
    measure: 'sum(active_seconds)',
    unit: 's',
  },
  {
    title: 'Sessions',
    says: 'Of rovers, with at least one window in the range.',
    measure: 'uniqExact(session_id)',
  },
  {
    title: 'Customers',
    says: 'With at least one rover in the range.',
    measure: `uniqExactIf(customer_id, customer_id != '')`,
  },
].map(({ measure, ...panel }) => ({
  kind: 'stat',
  sql: `SELECT ${measure} AS value ${ROVER_USAGE}`,
  ...panel,
}));

const USED = [
  barsBy('Bytes by customer', 'customer_id', 'sum(bytes)', 'decbytes'),
  barsBy('Connected time by customer', 'customer_id', 'sum(duration_ms) / 1000', 's'),
  barsBy('Bytes by app', 'app_id', 'sum(bytes)', 'decbytes'),
  barsBy('Bytes by mountpoint', 'mountpoint', 'sum(bytes)', 'decbytes'),
  tableBy('Usage by customer', 'Rovers of the configuration file have no customer.', {
    Customer: 'customer_id',
  }),
  tableBy('Usage by app', 'Rovers of the configuration file have no app.', {
    App: 'app_id',
    Customer: 'customer_id',
  }),
  tableBy('Usage by mountpoint', 'By the mountpoint of the session.', {
    Mountpoint: 'mountpoint',
  }),
  tableBy('Usage by account', 'The thousand accounts with most bytes.', {
    Account: 'account',
    Device: 'device',
    App: 'app_id',
  }),
];

const MONEY = [
  {
    kind: 'bars',
    title: 'Charges by currency',
    says: 'Made in each interval, what was given back taken off.',
    unit: 'money',
    by: 'currency',
    sql: `
      SELECT ${interval('charged_at')}, currency, ${AMOUNT} AS amount
      ${CHARGES}
      GROUP BY time, currency ORDER BY time, currency`,
  },
  {
    kind: 'table',
    title: 'Charges by customer',
    says: 'Given back: what last windows took off again, as the rover never acknowledged all of what was sent.',
    size: { w: 12 },
    units: { 'Given back': 'money', Amount: 'money' },
    sql: `
      SELECT ${named('customer_id')} AS "Customer", currency AS "Currency", count() AS "Charges",
      sumIf(amount_micros, amount_micros < 0) / 1000000 AS "Given back", ${AMOUNT} AS "Amount"
      ${CHARGES}
      GROUP BY customer_id, currency ORDER BY currency, "Amount" DESC, customer_id LIMIT 1000`,
  },
  {
    kind: 'table',
    title: 'Charges by currency and plan',
    says: 'Units are those of the plan: seconds, bytes, epochs or periods. For a window of usage, for a period, or once.',
    units: { Amount: 'money' },
    sql: `
      SELECT currency AS "Currency", ${named('billing_plan_id')} AS "Plan", kind AS "For", count() AS "Charges",
      sum(units) AS "Units", ${AMOUNT} AS "Amount"
      ${CHARGES}
      GROUP BY currency, billing_plan_id, kind ORDER BY currency, "Amount" DESC, billing_plan_id, kind`,
  },
];

export const usage = {
  uid: 'rovercast-usage',
  title: 'Rovercast: usage and revenue',
  description:
    'What rovers used, by customer, app and mountpoint, and what was charged, by currency and plan.',
  variables: [...OWNER_VARIABLES, chargesSince],
  panels: [...SUMMARY, { heading: 'Usage' }, ...USED, { heading: 'Charges' }, ...MONEY],
};
