// What two values may not say together. It looks at the merged settings before they are known to be of the right
// shape, so that both kinds of mistake come in one report: whatever has the wrong type is passed over here, as
// check-shape.ts has a word for it already.

import { closestName } from './closest-name.ts';
import { keyAt } from './keys.ts';
import { PASSWORD_LENGTH_ADVISED_MIN } from './limits.ts';
import { type Places } from './places.ts';
import { pathText, quote, type Problem, type ValuePath } from './problem.ts';
import { type ProblemCode } from './problem-codes.ts';

/** One value that was given, and where. */
interface Given {
  readonly path: ValuePath;
  readonly value: unknown;
}

type Report = (code: ProblemCode, path: ValuePath, message: string, fix: string) => void;

/** `raw` is the merged settings; `places` tells where each of them came from. */
export function checkRelations(raw: unknown, places: Places): Problem[] {
  const problems: Problem[] = [];
  const report: Report = (code, path, message, fix) => {
    problems.push({ code, where: places.ofValue(path), path: pathText(path), message, fix });
  };
  const root: Given = { path: [], value: raw };
  const mountpoints = entries(part(root, 'mountpoints'));
  const accounts = entries(part(root, 'accounts'));

  checkUnique(
    mountpoints.map((mountpoint) => part(mountpoint, 'name')),
    places,
    report,
  );
  checkUnique(
    accounts.map((account) => part(account, 'username')),
    places,
    report,
  );
  for (const mountpoint of mountpoints) checkMountpoint(mountpoint, report);
  checkMountpointNames(mountpoints, accounts, report);
  checkPorts(root, places, report);
  checkProxies(part(root, 'gates'), report);
  checkPayments(part(part(root, 'licensing'), 'payments'), report);
  checkMqtt(part(root, 'licensing'), report);
  checkOrder(part(root, 'timing'), 'baseTakeOverSilentMs', 'at most', 'baseIdleMs', report);
  for (const password of [
    ...mountpoints.map((mountpoint) => part(mountpoint, 'sourcePassword')),
    ...accounts.map((account) => part(account, 'password')),
  ]) {
    checkPassword(password, report);
  }
  return problems;
}

/** Two of the same name would make one of them unreachable. */
function checkUnique(names: readonly Given[], places: Places, report: Report): void {
  const first = new Map<string, Given>();
  for (const name of names) {
    if (typeof name.value !== 'string') continue;
    const earlier = first.get(name.value);
    if (earlier === undefined) first.set(name.value, name);
    else {
      const taken = `${pathText(name.path)} is ${quote(name.value)}, as at ${places.ofValue(earlier.path)}`;
      report('config_duplicate_name', name.path, taken, 'give each a name of its own');
    }
  }
}

function checkMountpoint(mountpoint: Given, report: Report): void {
  if (!isMap(mountpoint.value)) return;
  const nearest = part(mountpoint, 'nearest');
  const sourceKeys = ['sourcePassword', 'sourceUsername']
    .map((name) => part(mountpoint, name))
    .filter(isGiven);
  if (isGiven(part(mountpoint, 'of'))) {
    const raw = part(mountpoint, 'raw');
    for (const key of [...sourceKeys, ...[nearest].filter(isGiven), ...(raw.value === true ? [raw] : [])]) {
      report(
        'config_shape_with_source',
        key.path,
        `${pathText(key.path)} is given, but a shape of another mountpoint has nothing but what that one sends`,
        'remove it, or remove `of`',
      );
    }
    return;
  }
  const shape = part(mountpoint, 'shape');
  if (isGiven(shape)) {
    report(
      'config_shape_without_source',
      shape.path,
      `${pathText(shape.path)} is given, but not of which mountpoint`,
      'add `of:` with the name of the mountpoint that has the base, or remove it',
    );
  }
  if (isGiven(nearest)) {
    for (const key of sourceKeys) {
      report(
        'config_nearest_with_source',
        key.path,
        `${pathText(key.path)} is given, but a nearest mountpoint takes no base`,
        'remove it, or remove `nearest`',
      );
    }
    checkOrder(nearest, 'hysteresisKm', 'less than', 'maxBaselineKm', report);
  } else if (!isGiven(part(mountpoint, 'sourcePassword'))) {
    report(
      'config_no_base_can_push',
      mountpoint.path,
      `no base can push to ${pathText(mountpoint.path)}: it has no source password`,
      'add `sourcePassword:`, or `nearest: {}` if rovers are to get the nearest base here, or `of:` for a shape of another',
    );
  }
}

function checkMountpointNames(
  mountpoints: readonly Given[],
  accounts: readonly Given[],
  report: Report,
): void {
  const names = new Map<unknown, Given>(
    mountpoints.map((mountpoint) => [part(mountpoint, 'name').value, mountpoint]),
  );
  const known = [...names.keys()].filter((name) => typeof name === 'string');
  const exists = (reference: Given): boolean => {
    if (typeof reference.value !== 'string' || names.has(reference.value)) return true;
    const meant = closestName(reference.value, known);
    report(
      'config_unknown_mountpoint',
      reference.path,
      `${pathText(reference.path)} is ${quote(reference.value)}, which is no mountpoint of this file`,
      meant === undefined ? 'add it under `mountpoints`, or remove it here' : `did you mean ${meant}?`,
    );
    return false;
  };
  for (const account of accounts) entries(part(account, 'mountpoints')).forEach(exists);
  for (const mountpoint of mountpoints) {
    for (const choice of entries(part(part(mountpoint, 'nearest'), 'mountpoints'))) {
      const chosen = names.get(choice.value);
      if (exists(choice) && chosen !== undefined && !hasBase(chosen)) {
        report(
          'config_nearest_of_nearest',
          choice.path,
          `${pathText(choice.path)} is ${quote(choice.value)}, which has no base of its own`,
          'name mountpoints that have a source password',
        );
      }
    }
    const of = part(mountpoint, 'of');
    const source = names.get(of.value);
    if (!isGiven(of) || !exists(of) || source === undefined) continue;
    if (hasBase(source) && part(source, 'raw').value !== true) continue;
    const lack = hasBase(source) ? 'is raw and comes in no shape' : 'has no base of its own';
    report(
      'config_shape_of_unfit',
      of.path,
      `${pathText(of.path)} is ${quote(of.value)}, which ${lack}`,
      'name a mountpoint that has a source password and is not raw',
    );
  }
}

/** False for one that gives the nearest base, or is a shape of another. */
function hasBase(mountpoint: Given): boolean {
  return !isGiven(part(mountpoint, 'nearest')) && !isGiven(part(mountpoint, 'of'));
}

function checkPorts(root: Given, places: Places, report: Report): void {
  const listen = part(root, 'listen');
  const hasTls = isGiven(part(root, 'tls'));
  const ntripsPort = part(listen, 'ntripsPort');
  const chosen =
    typeof ntripsPort.value === 'number' && ntripsPort.value !== keyAt(ntripsPort.path)?.defaultValue;
  if (!hasTls && chosen) {
    const message = `${pathText(ntripsPort.path)} is ${quote(ntripsPort.value)}, but stays closed without a certificate`;
    report('config_port_without_tls', ntripsPort.path, message, 'add `tls:` with `certFile:` and `keyFile:`');
  }
  const taken = new Map<number, Given>();
  for (const name of [
    'ntripPort',
    ...(hasTls ? ['ntripsPort'] : []),
    'httpPort',
    'mqttsPort',
    'mqttsTokenPort',
  ]) {
    const port = part(listen, name);
    const value = port.value ?? keyAt(port.path)?.defaultValue;
    if (typeof value !== 'number' || value === 0) continue;
    const other = taken.get(value);
    if (other === undefined) taken.set(value, port);
    else {
      // Told where somebody wrote it: a default has no place of its own.
      const told = isGiven(port) ? port : other;
      const rest = told === port ? other : port;
      const restPlace = isGiven(rest) ? ` at ${places.ofValue(rest.path)}` : ' by default';
      const message = `${pathText(told.path)} is ${value}, as is ${pathText(rest.path)}${restPlace}`;
      report(
        'config_port_clash',
        told.path,
        message,
        'give each a port of its own, 0 for any free one, or off',
      );
    }
  }
}

/** Believing everybody would let anybody choose the address that gates and logs see. */
function checkProxies(gates: Given, report: Report): void {
  if (entries(part(gates, 'trustedProxies')).length > 0) return;
  for (const name of ['proxyProtocol', 'forwardedFor']) {
    const setting = part(gates, name);
    if (setting.value !== true) continue;
    const message = `${pathText(setting.path)} is true, but no proxy is trusted`;
    report(
      'config_proxy_without_trust',
      setting.path,
      message,
      'list the proxies under `gates.trustedProxies`',
    );
  }
}

/** Whoever may choose where to pay would choose where nobody pays. */
function checkPayments(payments: Given, report: Report): void {
  const test = part(payments, 'test');
  if (test.value !== true || !isGiven(part(payments, 'stripeSecretKey'))) return;
  const message = `${pathText(test.path)} is true beside the key of a Stripe account: anybody could pay for nothing`;
  report('config_test_payments', test.path, message, 'remove one of the two');
}

/** What an external broker needs: whose certificate it shows, who this server is to it, and TLS for vehicles. */
function checkMqtt(licensing: Given, report: Report): void {
  const url = part(licensing, 'mqttUrl');
  const has = (name: string): boolean => isGiven(part(licensing, name));
  if (!isGiven(url)) {
    for (const name of MQTT_PARTS) {
      const { path } = part(licensing, name);
      if (!has(name)) continue;
      const message = `${pathText(path)} is given, but no external broker`;
      report('config_mqtt_incomplete', path, message, 'give `licensing.mqttUrl` too, or remove it');
    }
    return;
  }
  const lacks = (what: string, fix: string): void =>
    report('config_mqtt_incomplete', url.path, `${pathText(url.path)} is given without ${what}`, fix);
  if (!has('mqttCaFile')) lacks('the authorities of its certificate', 'give `licensing.mqttCaFile`');
  const [byPassword, byCertificate] = [
    ['mqttUsername', 'mqttPasswordFile'],
    ['mqttCertFile', 'mqttKeyFile'],
  ].map((names) => names.filter(has).length);
  if (!(byPassword === 2 && byCertificate === 0) && !(byPassword === 0 && byCertificate === 2))
    lacks(
      'one kind of credentials',
      'give `mqttUsername` and `mqttPasswordFile`, or `mqttCertFile` and `mqttKeyFile`',
    );
  if (String(url.value).startsWith('mqtt:') && !has('mqttPublicUrl'))
    lacks('an address with TLS for vehicles', 'give `licensing.mqttPublicUrl`');
}

const MQTT_PARTS = [
  'mqttPublicUrl',
  'mqttCaFile',
  'mqttUsername',
  'mqttPasswordFile',
  'mqttCertFile',
  'mqttKeyFile',
];

/** `relation` says what `smaller` must be, compared with `larger`, both keys of `section`. */
function checkOrder(
  section: Given,
  smaller: string,
  relation: 'at most' | 'less than',
  larger: string,
  report: Report,
): void {
  const [low, high] = [part(section, smaller), part(section, larger)];
  const lowValue = low.value ?? keyAt(low.path)?.defaultValue;
  const highValue = high.value ?? keyAt(high.path)?.defaultValue;
  if (typeof lowValue !== 'number' || typeof highValue !== 'number') return;
  if (lowValue < highValue || (relation === 'at most' && lowValue === highValue)) return;
  const told = isGiven(low) ? low : high;
  const message = `${pathText(low.path)} is ${lowValue}, but ${larger} is ${highValue}`;
  report('config_wrong_order', told.path, message, `${smaller} must be ${relation} ${larger}`);
}

function checkPassword(password: Given, report: Report): void {
  if (typeof password.value !== 'string' || password.value.length >= PASSWORD_LENGTH_ADVISED_MIN) return;
  const message = `${pathText(password.path)} has fewer than ${PASSWORD_LENGTH_ADVISED_MIN} characters`;
  report('config_short_password', password.path, message, 'choose a longer one');
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isGiven(given: Given): boolean {
  return given.value !== undefined && given.value !== null;
}

function part(of: Given, name: string): Given {
  return { path: [...of.path, name], value: isMap(of.value) ? of.value[name] : undefined };
}

function entries(list: Given): Given[] {
  if (!Array.isArray(list.value)) return [];
  return list.value.map((value: unknown, index) => ({ path: [...list.path, index], value }));
}
