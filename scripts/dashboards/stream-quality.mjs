// How each mountpoint did: whether its base was there, whether its frames were whole, whether rovers got them.

import { chosen, DAYS, interval } from './sql.mjs';

/** A minute is written when it is over, and then needs a moment to arrive. */
const SETTLED_S = 120;
const QUALITY = `
  FROM stream_quality FINAL
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

const statOf = ({ measure, ...panel }) => ({
  kind: 'stat',
  ...panel,
  sql: `SELECT ${measure} AS value ${MINUTES}`,
});

const BAD_SHARE = 'sum(bad) / (sum(good) + sum(bad))';
const DROPPED_SHARE = 'sum(dropped) / (sum(delivered) + sum(dropped))';

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

export const streamQuality = {
  uid: 'rovercast-stream-quality',
  title: 'Rovercast: stream quality',
  description: 'How each mountpoint did: was its base there, were its frames whole, did rovers get them.',
  variables: [
    {
      name: 'mountpoint',
      label: 'Mountpoint',
      sql: `SELECT DISTINCT mountpoint FROM stream_quality WHERE ${DAYS} AND $__timeFilter(minute) ORDER BY mountpoint`,
    },
  ],
  panels: [...SUMMARY, TABLE, { heading: 'Over time' }, ...SERIES],
};
