// Who is on, who is let in, who is refused and why, how connections end, and what each node does.

import { chosen, DAYS, interval, named, OWNER_VARIABLES, USAGE } from './sql.mjs';

const CHOSEN = chosen('customer', 'app', 'mountpoint');
const LOGINS = `FROM logins FINAL WHERE ${DAYS} AND $__timeFilter(at) ${CHOSEN}`;
const ENDED = `FROM sessions FINAL WHERE $__timeFilter(ended_at) ${CHOSEN}`;

const SUMMARY = [
  {
    kind: 'stat',
    title: 'Rovers in the last minute',
    says: 'Different sessions of rovers with a window that began in the last minute of the range.',
    sql: `
      SELECT uniqExact(session_id) AS "Rovers" ${USAGE}
      AND role = 'rover' AND window_started_at > $__toTime - 60`,
  },
  {
    kind: 'stat',
    title: 'Logins let in',
    says: 'Rovers, bases and terminals that were let in.',
    sql: `SELECT sum(times) AS "Logins" ${LOGINS} AND outcome = 'accepted'`,
  },
  {
    kind: 'stat',
    title: 'Logins refused',
    says: 'Each attempt counts, also of a device that tries again every few seconds.',
    sql: `SELECT sum(times) AS "Logins" ${LOGINS} AND outcome = 'refused'`,
  },
  {
    kind: 'stat',
    title: 'Sessions ended',
    says: 'Of rovers and bases.',
    sql: `SELECT count() AS "Sessions" ${ENDED}`,
  },
  {
    kind: 'stat',
    title: 'Bytes sent',
    says: 'Corrections that the kernel has taken for rovers.',
    unit: 'decbytes',
    sql: `SELECT sum(bytes) AS "Bytes" ${USAGE} AND role = 'rover'`,
  },
  {
    kind: 'stat',
    title: 'Epochs dropped',
    says: 'Of all epochs for rovers, those that a slow one did not get because a newer one was there.',
    unit: 'percentunit',
    sql: `SELECT sum(epochs_dropped) / (sum(epochs) + sum(epochs_dropped)) AS "Dropped" ${USAGE} AND role = 'rover'`,
  },
];

const SESSIONS = [
  {
    kind: 'lines',
    title: 'Sessions',
    says: 'Different sessions of rovers and bases in each interval; in a long one, those that came after each other too.',
    by: 'role',
    sql: `
      SELECT ${interval('window_started_at')}, role, uniqExact(session_id) AS sessions
      ${USAGE}
      GROUP BY time, role ORDER BY time, role`,
  },
  {
    kind: 'bars',
    title: 'Sessions that ended, by reason',
    says: 'What each reason means and what to do is in docs/close-reasons.md.',
    by: 'reason',
    sql: `
      SELECT ${interval('ended_at')}, reason, count() AS sessions
      ${ENDED}
      GROUP BY time, reason ORDER BY time, reason`,
  },
  {
    kind: 'table',
    title: 'Why sessions ended',
    says: 'Bytes never acknowledged are those that the kernel took and the rover never got; they are not charged.',
    units: { 'Median length': 's', 'Bytes never acknowledged': 'decbytes' },
    sql: `
      SELECT reason AS "Reason", role AS "Role", count() AS "Sessions",
      quantileExact(0.5)(duration_ms) / 1000 AS "Median length",
      sum(unacknowledged_bytes) AS "Bytes never acknowledged"
      ${ENDED}
      GROUP BY reason, role ORDER BY "Sessions" DESC, reason, role`,
  },
];

const ADMISSION = [
  {
    kind: 'bars',
    title: 'Logins by outcome',
    says: 'Let in (accepted) or refused.',
    by: 'outcome',
    sql: `
      SELECT ${interval('at')}, outcome, sum(times) AS logins
      ${LOGINS}
      GROUP BY time, outcome ORDER BY time, outcome`,
  },
  {
    kind: 'bars',
    title: 'Refusals by reason',
    says: 'What each reason means and what to do is in docs/refusals.md.',
    by: 'reason',
    sql: `
      SELECT ${interval('at')}, reason, sum(times) AS refusals
      ${LOGINS} AND outcome = 'refused'
      GROUP BY time, reason ORDER BY time, reason`,
  },
  {
    kind: 'table',
    title: 'Why logins were refused',
    says: 'The step is the one of docs/admission.md that said no. Many user names at once: look at the service, not at devices.',
    size: { w: 12 },
    sql: `
      SELECT reason AS "Reason", step AS "Step", sum(times) AS "Refusals", uniqExact(account) AS "User names",
      max(at) AS "Last"
      ${LOGINS} AND outcome = 'refused'
      GROUP BY reason, step ORDER BY "Refusals" DESC, reason, step`,
  },
  {
    kind: 'table',
    title: 'Who was refused most',
    says: 'The fifty that were refused most often; rovercast why USER tells more of one.',
    size: { w: 12 },
    sql: `
      SELECT account AS "User name", device AS "Device", mountpoint AS "Mountpoint", reason AS "Reason",
      sum(times) AS "Refusals", uniqExact(address) AS "Addresses", max(at) AS "Last"
      ${LOGINS} AND outcome = 'refused'
      GROUP BY account, device, mountpoint, reason
      ORDER BY "Refusals" DESC, account, device, mountpoint, reason LIMIT 50`,
  },
];

const NODES = [
  {
    kind: 'bars',
    title: 'Bytes sent, by node',
    says: 'To rovers, in each interval.',
    unit: 'decbytes',
    by: 'name',
    sql: `
      SELECT ${interval('window_started_at')}, ${named('node')} AS name, sum(bytes) AS sent
      ${USAGE} AND role = 'rover'
      GROUP BY time, name ORDER BY time, name`,
  },
  {
    kind: 'table',
    title: 'Nodes',
    says: 'A node whose last row is old meters nothing any more: it is down, or cannot reach ClickHouse.',
    size: { w: 12 },
    units: { 'Bytes sent': 'decbytes' },
    sql: `
      SELECT ${named('node')} AS "Node", uniqExactIf(session_id, role = 'rover') AS "Rovers",
      uniqExactIf(session_id, role = 'base') AS "Bases", sumIf(bytes, role = 'rover') AS "Bytes sent",
      sumIf(epochs_dropped, role = 'rover') AS "Epochs dropped", max(window_ended_at) AS "Last row"
      ${USAGE}
      GROUP BY node ORDER BY node`,
  },
];

export const operations = {
  uid: 'rovercast-operations',
  title: 'Rovercast: operations',
  description: 'Who is on, who is let in, who is refused and why, how connections end, what each node does.',
  variables: OWNER_VARIABLES,
  panels: [
    ...SUMMARY,
    { heading: 'Sessions' },
    ...SESSIONS,
    { heading: 'Logins' },
    ...ADMISSION,
    { heading: 'Nodes' },
    ...NODES,
  ],
};
