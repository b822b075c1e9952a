// What the dashboards' queries have in common. They are read by FINAL, so that a row that was sent twice counts once,
// and say nothing that ClickHouse 18.16 does not know: no toStartOfInterval (hence no $__timeInterval), no WITH queries.

const COLUMNS = { customer: 'customer_id', app: 'app_id', mountpoint: 'mountpoint' };

/** Conditions for what is chosen of these variables. */
export const chosen = (...names) =>
  names
    .map((name) => `AND $__conditionalAll(${COLUMNS[name]} IN (\${${name}:singlequote}), $${name})`)
    .join('\n');

/** The beginning of the interval that `column` is in; UTC, whatever the server's time zone. */
export const interval = (column) =>
  `toDateTime(intDiv(toUInt32(${column}), $__interval_s) * $__interval_s, 'UTC') AS time`;

/** A name to be shown, also where the row has none. */
export const named = (column) => `if(${column} = '', '(none)', ${column})`;

/** The ten names that have most by `measure`, and `others`. */
export const topTen = (column, measure, source) =>
  `if(${column} IN (
    SELECT ${column} ${source} GROUP BY ${column} ORDER BY ${measure} DESC LIMIT 10
  ), ${named(column)}, 'others')`;

/** Of tables whose day is that of the row's time. The server's own time zone may be a day off at either end. */
export const DAYS = 'day >= toDate($__fromTime) - 1 AND day <= toDate($__toTime) + 1';

/**
 * Windows of the range. Their partition is the day on which their session began, which may be long before; the
 * variable holds the first such day, so that older partitions are not read.
 */
export const USAGE = `
  FROM usage FINAL
  WHERE session_day >= toDate('\${usage_since}') AND session_day <= toDate($__toTime) + 1
  AND $__timeFilter(window_started_at)
  ${chosen('customer', 'app', 'mountpoint')}`;

export const ROVER_USAGE = `${USAGE} AND role = 'rover'`;

/** Variables. Names to choose from are those that used something in the range, of the customers chosen. */
const usageSince = {
  name: 'usage_since',
  hidden: true,
  sql: 'SELECT toString(min(session_day)) FROM usage WHERE $__timeFilter(window_started_at)',
};

const namesOf = (name, label, ...narrowing) => ({
  name,
  label,
  sql: `
    SELECT DISTINCT ${COLUMNS[name]} FROM usage
    WHERE session_day >= toDate('\${usage_since}') AND $__timeFilter(window_started_at) AND ${COLUMNS[name]} != ''
    ${chosen(...narrowing)}
    ORDER BY ${COLUMNS[name]}`,
});

export const OWNER_VARIABLES = [
  usageSince,
  namesOf('customer', 'Customer'),
  namesOf('app', 'App', 'customer'),
  namesOf('mountpoint', 'Mountpoint'),
];
