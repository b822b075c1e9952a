// How each mountpoint did: whether its base was there, whether its frames were whole, whether rovers got them, whether
// its observations were good.

import { chosen, DAYS, interval } from './sql.mjs';

/** A minute is written when it is over, and then needs a moment to arrive. */
const SETTLED_S = 120;
const QUALITY = `
  FROM stream_quality FINAL
  WHERE ${DAYS} AND $__timeFilter(minute) AND minute <= now() - ${SETTLED_S}
  ${chosen('mountpoint')}`;

/** How well bases did their work, in minutes of the mountpoints. */
const HEALTH = `
  FROM stream_health FINAL
  WHERE ${DAYS} AND $__timeFilter(minute) AND minute <= now() - ${SETTLED_S}
  ${chosen('mountpoint')}`;

/** Numbers of the first and last whole minute of the range that can have been written. */
const FIRST = 'intDiv(toUInt32($__fromTime) + 59, 60)';
const LAST = `intDiv(least(toUInt32($__toTime), toUInt32(now()) - ${SETTLED_S}), 60)`;

/**
 * Minutes of the mountpoints, of all nodes together: while a base moves from one node to another both have seconds of
 * it, and never more than sixty.
 */
const MINUTES = `
  FROM (
    SELECT mountpoint, minute, least(60, sum(online_seconds)) AS online, sum(frames_received) AS good,
    sum(frames_bad) AS bad, sum(epochs_received) AS received, sum(epochs_delivered) AS delivered,
    sum(epochs_dropped) AS dropped, sum(rovers_max) AS rovers, max(silence_ms_max) AS silence
    ${QUALITY}
    GROUP BY mountpoint, minute
  )`;

/** The twenty of which `measure` is greatest, so that hundreds of lines do not hide the one that matters. */
const worst = (measure) => `
  WHERE mountpoint IN (
    SELECT mountpoint ${MINUTES} GROUP BY mountpoint ORDER BY ${measure} DESC, mountpoint LIMIT 20
  )`;

const seriesBy = ({ measure, worstBy, ...panel }) => ({
  by: 'mountpoint',
  ...panel,
  sql: `
    SELECT ${interval('minute')}, mountpoint, ${measure} AS value
    ${MINUTES} ${worst(worstBy)}
    GROUP BY time, mountpoint ORDER BY time, mountpoint`,
});

/** As `seriesBy`, of how well bases did their work. */
const healthBy = ({ measure, worstBy, where = '', ...panel }) => ({
  by: 'mountpoint',
  ...panel,
  sql: `
    SELECT ${interval('minute')}, mountpoint, ${measure} AS value
    ${HEALTH} ${where} AND mountpoint IN (
      SELECT mountpoint ${HEALTH} ${where} GROUP BY mountpoint ORDER BY ${worstBy} DESC, mountpoint LIMIT 20
    )
    GROUP BY time, mountpoint ORDER BY time, mountpoint`,
});

const statOf = ({ measure, ...panel }) => ({
  kind: 'stat',
  ...panel,
  sql: `SELECT ${measure} AS value ${MINUTES}`,
});

const BAD_SHARE = 'sum(bad) / (sum(good) + sum(bad))';
const DROPPED_SHARE = 'sum(dropped) / (sum(delivered) + sum(dropped))';

const MISSING_SHARE = 'sum(epochs_missing) / (sum(epochs) + sum(epochs_missing))';
const SYSTEMS = {
  GPS: 'gps',
  GLONASS: 'glo',
  Galileo: 'gal',
  BeiDou: 'bds',
  QZSS: 'qzs',
  SBAS: 'sbas',
  NavIC: 'irn',
};
const SATELLITES = Object.values(SYSTEMS)
  .map((system) => `satellites_${system}`)
  .join(' + ');

const SUMMARY = [
  statOf({
    title: 'Mountpoints online',
    says: 'With a base at any time in the range.',
    measure: 'uniqExact(mountpoint)',
  }),
  statOf({
    title: 'Online',
    says: 'Seconds in which the base sent something, of all seconds of the range: the mean of the mountpoints.',
    unit: 'percentunit',
    measure: `sum(online) / (uniqExact(mountpoint) * 60 * (${LAST} - ${FIRST} + 1))`,
  }),
  statOf({ title: 'Bad frames', says: 'Of all frames from bases.', unit: 'percentunit', measure: BAD_SHARE }),
  statOf({
    title: 'Epochs dropped',
    says: 'Of all epochs for rovers, those that a slow one did not get.',
    unit: 'percentunit',
    measure: DROPPED_SHARE,
  }),
  statOf({ title: 'Epochs delivered', says: 'To all rovers together.', measure: 'sum(delivered)' }),
  statOf({
    title: 'Longest silence',
    says: 'Of any base while it was connected.',
    unit: 's',
    measure: 'max(silence) / 1000',
  }),
];

const TABLE = {
  kind: 'table',
  title: 'Mountpoints',
  says: 'The worst first. A mountpoint without a base in the whole range is not here; the alert RovercastBaseGone tells of it.',
  size: { h: 12 },
  units: {
    Online: 'percentunit',
    'Bad share': 'percentunit',
    'Dropped share': 'percentunit',
    'Longest silence': 's',
  },
  sql: `
    SELECT mountpoint AS "Mountpoint", sum(online) / (60 * (${LAST} - ${FIRST} + 1)) AS "Online",
    sum(good) AS "Frames", sum(bad) AS "Bad frames", ${BAD_SHARE} AS "Bad share",
    sum(received) AS "Epochs received", sum(delivered) AS "Epochs delivered", sum(dropped) AS "Epochs dropped",
    ${DROPPED_SHARE} AS "Dropped share", max(rovers) AS "Rovers at most", max(silence) / 1000 AS "Longest silence"
    ${MINUTES}
    GROUP BY mountpoint ORDER BY "Online", mountpoint`,
};

const SERIES = [
  seriesBy({
    kind: 'lines',
    title: 'Online, by mountpoint',
    says: 'Share of each interval in which the base sent; the twenty worst. A gap is an interval without any base.',
    unit: 'percentunit',
    measure: `sum(online) / (60 * (
      least(intDiv(toUInt32(time) + $__interval_s, 60) - 1, ${LAST}) - greatest(intDiv(toUInt32(time), 60), ${FIRST}) + 1
    ))`,
    worstBy: '-sum(online)',
  }),
  seriesBy({
    kind: 'lines',
    title: 'Longest silence, by mountpoint',
    says: 'While the base was connected; the twenty longest.',
    unit: 's',
    measure: 'max(silence) / 1000',
    worstBy: 'max(silence)',
  }),
  seriesBy({
    kind: 'bars',
    title: 'Bad frames, by mountpoint',
    says: 'Frames whose checksum was wrong; the twenty mountpoints with most.',
    measure: 'sum(bad)',
    worstBy: 'sum(bad)',
  }),
  seriesBy({
    kind: 'bars',
    title: 'Epochs dropped, by mountpoint',
    says: 'For slow rovers; the twenty mountpoints with most.',
    measure: 'sum(dropped)',
    worstBy: 'sum(dropped)',
  }),
  {
    kind: 'bars',
    title: 'Epochs delivered and dropped',
    says: 'To all rovers together.',
    sql: `
      SELECT ${interval('minute')}, sum(delivered) AS "Delivered", sum(dropped) AS "Dropped"
      ${MINUTES}
      GROUP BY time ORDER BY time`,
  },
  seriesBy({
    kind: 'lines',
    title: 'Rovers, by mountpoint',
    says: 'The most at any moment of the interval; the twenty mountpoints with most.',
    measure: 'max(rovers)',
    worstBy: 'max(rovers)',
  }),
  seriesBy({
    kind: 'lines',
    title: 'Epochs a second, by mountpoint',
    says: 'While the base sent: 1 for a base at 1 Hz. The twenty slowest.',
    measure: 'sum(received) / sum(online)',
    worstBy: '-sum(received) / sum(online)',
  }),
];

const BASES = [
  healthBy({
    kind: 'lines',
    title: 'Completeness, by mountpoint',
    says: 'Epochs that the base sent, of those due by the rate that it keeps; the twenty worst.',
    unit: 'percentunit',
    measure: `1 - ${MISSING_SHARE}`,
    worstBy: MISSING_SHARE,
  }),
  healthBy({
    kind: 'lines',
    title: 'Age of observations, by mountpoint',
    says: 'How old they were when they came: the oldest of the interval; the twenty oldest.',
    unit: 's',
    measure: 'max(age_ms_max) / 1000',
    worstBy: 'max(age_ms_max)',
    where: 'AND age_count > 0',
  }),
  healthBy({
    kind: 'lines',
    title: 'Satellites, by mountpoint',
    says: 'Of all systems together, the fewest of the interval; the twenty mountpoints with fewest.',
    measure: `min(${SATELLITES})`,
    worstBy: `-min(${SATELLITES})`,
  }),
  {
    kind: 'lines',
    title: 'Satellites, by system',
    says: 'The mean of the mountpoints and minutes. A system that goes to 0 at once is lost at every base.',
    sql: `
      SELECT ${interval('minute')},
      ${Object.entries(SYSTEMS)
        .map(([name, system]) => `avg(satellites_${system}) AS "${name}"`)
        .join(', ')}
      ${HEALTH}
      GROUP BY time ORDER BY time`,
  },
  healthBy({
    kind: 'bars',
    title: 'Cycle slips, by mountpoint',
    says: 'Signals that lost lock; the twenty mountpoints with most.',
    measure: 'sum(cycle_slips)',
    worstBy: 'sum(cycle_slips)',
  }),
  {
    kind: 'table',
    title: 'Bases',
    says: 'The least complete first.',
    size: { h: 12 },
    units: { Completeness: 'percentunit', 'Mean age': 's', Oldest: 's', 'Clock wrong': 's' },
    sql: `
      SELECT mountpoint AS "Mountpoint", sum(epochs) AS "Epochs", sum(epochs_missing) AS "Epochs missing",
      1 - ${MISSING_SHARE} AS "Completeness", sum(gaps) AS "Gaps",
      sum(age_ms_sum) / sum(age_count) / 1000 AS "Mean age", max(age_ms_max) / 1000 AS "Oldest",
      min(${SATELLITES}) AS "Fewest satellites", max(satellites_usual) AS "Usual satellites",
      sum(cycle_slips) AS "Cycle slips", sum(station_moves) AS "Station moved",
      sum(clock_wrong_seconds) AS "Clock wrong"
      ${HEALTH}
      GROUP BY mountpoint ORDER BY "Completeness", mountpoint`,
  },
];

export const streamQuality = {
  uid: 'rovercast-stream-quality',
  title: 'Rovercast: stream quality',
  description:
    'How each mountpoint did: was its base there, were its frames whole, did rovers get them, were its observations good.',
  variables: [
    {
      name: 'mountpoint',
      label: 'Mountpoint',
      sql: `SELECT DISTINCT mountpoint FROM stream_quality WHERE ${DAYS} AND $__timeFilter(minute) ORDER BY mountpoint`,
    },
  ],
  panels: [...SUMMARY, TABLE, { heading: 'Over time' }, ...SERIES, { heading: 'Bases' }, ...BASES],
};
