// Ids of rows: `acc_` and 16 characters that sort by age, so that a list pages by its id alone. 45 bits are the
// time in ms, good until the year 3084; 35 bits begin at random in each ms and grow by one within it. They name rows
// and are no secret: who knows one can guess its neighbors.

import { randomInt } from 'node:crypto';

/** Of each kind of row its prefix. */
export const ID_PREFIXES = {
  customer: 'cus',
  apiKey: 'key',
  mountpoint: 'mnt',
  serviceSpec: 'spec',
  billingPlan: 'plan',
  app: 'app',
  account: 'acc',
  device: 'dev',
  session: 'ses',
  job: 'job',
  auditEntry: 'aud',
  refusal: 'ref',
  node: 'nod',
  event: 'evt',
  balanceEntry: 'bal',
  chargeBatch: 'chg',
  terminalLogin: 'ter',
  certificate: 'cert',
  certificateAuthority: 'ca',
  enrolmentToken: 'enr',
  grant: 'gra',
  signingKey: 'sgk',
  product: 'prd',
  order: 'ord',
  orderChange: 'och',
  payment: 'pay',
  gift: 'gif',
  driver: 'drv',
  driverSession: 'dse',
  vehicleClaim: 'clm',
  package: 'pkg',
  release: 'rel',
  otaRequest: 'ota',
  vehicleInstall: 'ins',
  entitlement: 'ent',
  entitlementChange: 'ech',
  outboxEntry: 'obx',
  deadLetter: 'ded',
  useLease: 'lea',
} as const;

export type IdPrefix = (typeof ID_PREFIXES)[keyof typeof ID_PREFIXES];

/** Base32 in the order of its bytes: ids sort as their numbers do. */
const DIGITS = '234567abcdefghijklmnopqrstuvwxyz';
const TIME_DIGITS = 9;
const COUNT_DIGITS = 7;
const COUNT_END = 32 ** COUNT_DIGITS;
/** A ms begins in the lower half, so that it has room to grow. */
const COUNT_START_END = COUNT_END / 2;

let lastMs = 0;
let count = 0;
let timeText = '';

/** Later ids of a process are greater, even where its clock is set back. */
export function newId(prefix: IdPrefix): string {
  const nowMs = Date.now();
  count += 1;
  if (nowMs > lastMs) beginMs(nowMs);
  else if (count === COUNT_END) beginMs(lastMs + 1);
  return `${prefix}_${timeText}${digits(count, COUNT_DIGITS)}`;
}

/** A text that no id made before `ms` sorts behind, and every later one does. */
export function firstIdAt(prefix: IdPrefix, ms: number): string {
  return `${prefix}_${digits(Math.max(0, ms), TIME_DIGITS)}`;
}

function beginMs(ms: number): void {
  lastMs = ms;
  count = randomInt(COUNT_START_END);
  timeText = digits(ms, TIME_DIGITS);
}

function digits(value: number, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest = Math.floor(rest / 32)) text = DIGITS[rest % 32]! + text;
  return text;
}
