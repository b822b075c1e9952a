// The packet sequences by which Mosquitto's authors test a broker (those of MQTT 3.1 and 3.1.1), against ours in two forms:
// the guarded aedes to which everybody may come, and the broker as a vehicle meets it, by TLS with a certificate, with ids
// and topics of a vehicle in the place of the suite's own. Where ours does otherwise, it is named here, with the reason.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import { connect as connectTls } from 'node:tls';
import { beforeAll, expect, test, vi } from 'vitest';
import { BrokerStore } from '../../../licensing/broker/broker-store.ts';
import { VehiclePersistence } from '../../../licensing/broker/vehicle-persistence.ts';
import { type BrokerHouse, type EnrolledVehicle, openBrokerHouse } from '../../support/broker-house.ts';
import { whyNoMosquittoServer } from '../../support/mosquitto.ts';
import { asVehicle } from '../../support/mqtt-sequences/as-vehicle.ts';
import { play, type Played, publishAsHelper } from '../../support/mqtt-sequences/play.ts';
import { readSequences, type Sequence } from '../../support/mqtt-sequences/sequences.ts';
import { findSuite } from '../../support/mqtt-sequences/suite-files.ts';
import { useTempFolder } from '../../support/temp-folder.ts';
import { openPlainBroker } from './plain-broker.ts';

const OTHER_VERSION =
  'MQTT 5’s CONNACK is expected; one of MQTT 3.1.1 has to carry code 1 and is two bytes long [MQTT-3.1.2-2]';
const RESERVED = 'bits that MQTT 3.1.1 reserves are set: refused, whichever version is spoken [MQTT-2.2.2-2]';

/** In both forms. */
const OTHERWISE = {
  'v3.1   CONNECT 10 ok ': RESERVED,
  'v3.1   CONNECT 14 ok ': RESERVED,
  'v3.1   CONNECT 10 proto ver 2': OTHER_VERSION,
  'v3.1   CONNECT 10 proto ver 6': OTHER_VERSION,
  'v3.1.1 CONNECT 10 proto ver 2 [MQTT-3.1.2-2]': OTHER_VERSION,
  'v3.1.1 CONNECT 10 proto ver 6 [MQTT-3.1.2-2]': OTHER_VERSION,
};

const QOS_2_OUT =
  'the answer is not of the message’s QoS, and aedes lets it pass; to vehicles nothing goes by QoS 2';

/** Where everybody may do what MQTT lets him. */
const PLAIN_OTHERWISE = {
  ...OTHERWISE,
  'v3.1.1 CONNACK issue 2163 v3': 'MQTT 3.1 has client ids of 23 characters at most',
  'v3.1.1 FLOW QoS 1 PUBLISH-PUBREC': QOS_2_OUT,
  'v3.1.1 FLOW QoS 1 PUBLISH-PUBCOMP': QOS_2_OUT,
  'v3.1.1 FLOW QoS 2 PUBLISH-PUBACK': QOS_2_OUT,
  'v3.1.1 FLOW QoS 2 PUBLISH-PUBCOMP': QOS_2_OUT,
  'v3.1.1 FLOW QoS 2 PUBLISH-PUBREC-PUBREL-PUBACK': QOS_2_OUT,
};

const DOWN_BY_QOS_1 = 'what is for a vehicle goes out by QoS 1 at most';
const NO_QOS_2_ANSWER = 'nothing went out by QoS 2, so there is nothing to be answered so [MQTT-4.8.0-1]';
const RETAINED = 'a vehicle may not publish with the retained flag';
const FOREIGN = 'it is no topic of the vehicle’s own';

/** As a vehicle. */
const VEHICLE_OTHERWISE = {
  ...OTHERWISE,
  'v3.1.1 CONNECT 10 empty client ID': 'the client id is the vehicle id',
  'v3.1.1 FLOW QoS 0 self receive ok': 'what a vehicle publishes is for the cloud alone',
  'v3.1.1 FLOW QoS 2 receive ok': DOWN_BY_QOS_1,
  'v3.1.1 FLOW QoS 2 PUBLISH-PUBACK': DOWN_BY_QOS_1,
  'v3.1.1 FLOW QoS 2 PUBLISH-PUBCOMP': DOWN_BY_QOS_1,
  'v3.1.1 FLOW QoS 2 PUBLISH-PUBREC-PUBREL-PUBACK': DOWN_BY_QOS_1,
  'v3.1.1 FLOW QoS 2 PUBLISH-PUBREC-PUBREL-PUBREC': DOWN_BY_QOS_1,
  'v3.1.1 PUBCOMP 70 unsolicited': NO_QOS_2_ANSWER,
  'v3.1.1 PUBREC 50 unsolicited': NO_QOS_2_ANSWER,
  'v3.1.1 PUBLISH 31 retain 1': RETAINED,
  'v3.1.1 PUBLISH 31 retain 1 zero length': RETAINED,
  'v3.1.1 PUBLISH 30 topic with U+2A6D4 (section 1.5.3.1)': FOREIGN,
  'REGRESSIONS mismatched-shared-normal-subscribe-unsubscribe-leak': FOREIGN,
  'REGRESSIONS shared-sub-uaf': FOREIGN,
};

const WAIT = { timeout: 10_000, interval: 20 };

const folder = useTempFolder();
let missing: string | undefined;
let sequences: readonly Sequence[] = [];
/** What ours did, once it was asked. */
let ours: readonly Played[] = [];
beforeAll(async () => {
  const suite = await findSuite(folder);
  if (suite.ok) sequences = readSequences(suite.folder);
  else missing = suite.reason;
});

/** A file's own broker each, so that none hears what another one publishes; all at a time. */
async function playFiles(playFile: (file: readonly Sequence[]) => Promise<Played[]>): Promise<Played[]> {
  const files = Map.groupBy(sequences, ({ file }) => file);
  return (await Promise.all([...files.values()].map(playFile))).flat();
}

async function playOn(port: number, file: readonly Sequence[]): Promise<Played[]> {
  const open = async (): Promise<Socket> => {
    const socket = connect({ host: '127.0.0.1', port });
    await once(socket, 'connect');
    return socket;
  };
  const played: Played[] = [];
  for (const sequence of file) {
    played.push(await play(sequence, { open, publish: async (step) => publishAsHelper(await open(), step) }));
  }
  return played;
}

async function playOurs(): Promise<Played[]> {
  const own = mkdtempSync(path.join(folder, 'ours-'));
  return await playFiles(async (file) => {
    const store = new BrokerStore(path.join(own, `${file[0]!.file}.db`));
    const broker = await openPlainBroker({ persistence: new VehiclePersistence(store, () => undefined) });
    const played = await playOn(broker.port, file);
    await broker.stop();
    store.close();
    return played;
  });
}

function failed(played: readonly Played[]): string[] {
  return played.filter(({ failure }) => failure !== undefined).map(({ sequence }) => sequence.name);
}

function say(who: string, played: readonly Played[]): void {
  const groups = Map.groupBy(played, ({ sequence }) => sequence.file);
  const told = [...groups].map(([file, all]) => `${file} ${all.length - failed(all).length}/${all.length}`);
  const passed = played.length - failed(played).length;
  console.log(`${who}: ${passed} of ${played.length} packet sequences; ${told.join(', ')}`);
}

test(
  'the guarded broker does as the sequences say, but for what is named',
  { timeout: 120_000 },
  async (context) => {
    context.skip(missing !== undefined, missing);
    ours = await playOurs();
    say('guarded aedes', ours);
    expect(failed(ours).toSorted()).toEqual(Object.keys(PLAIN_OTHERWISE).toSorted());
  },
);

test('Debian’s mosquitto does so less often', { timeout: 120_000 }, async (context) => {
  const whyNot = missing ?? whyNoMosquittoServer();
  context.skip(whyNot !== undefined, whyNot);
  if (ours.length === 0) ours = await playOurs();
  const theirs = await playFiles(async (file) => {
    const { port, child } = await startMosquitto(file[0]!.file);
    const played = await playOn(port, file);
    child.kill();
    return played;
  });
  say('mosquitto', theirs);
  expect(failed(ours).length).toBeLessThanOrEqual(failed(theirs).length);
});

test(
  'the broker of vehicles does as they say, but for what is named',
  { timeout: 120_000 },
  async (context) => {
    context.skip(missing !== undefined, missing);
    const house = await openBrokerHouse();
    const played = await playAsVehicles(house);
    say('as a vehicle', played);
    expect(failed(played).toSorted()).toEqual(Object.keys(VEHICLE_OTHERWISE).toSorted());
    // Nothing was closed for its names that should have been for its form.
    const byName = [
      'foreign_publish',
      'foreign_subscribe',
      'will_foreign',
      'retained',
      'client_id_invalid',
    ] as const;
    const refusals = Object.fromEntries(
      byName.map((reason) => [reason, house.link.refusals.get(reason) ?? 0]),
    );
    const foreign = { foreign_publish: 1, foreign_subscribe: 2, will_foreign: 0 };
    expect(refusals).toEqual({ ...foreign, retained: 2, client_id_invalid: 0 });
    expect(house.link.restarts).toBe(0);
    await house.stop();
  },
);

async function playAsVehicles(house: BrokerHouse): Promise<Played[]> {
  // Of one connection each a minute is allowed; and what one message leaves behind is not for the next sequence.
  const vehicles = new Map<string, EnrolledVehicle>();
  const played: Played[] = [];
  let pushed = 0;
  for (const sequence of sequences) {
    const key = sequence.file === 'FLOW' ? sequence.name : sequence.file;
    const vehicle =
      vehicles.get(key) ?? (await house.enrol(`LSVSEQ${String(vehicles.size).padStart(11, '0')}`));
    vehicles.set(key, vehicle);
    const { vehicleId } = vehicle;
    const publish = async ({ payload }: { payload: string }): Promise<void> => {
      pushed += 1;
      await house.line.push({ vehicleId, kind: 'grant', body: payload });
    };
    const own = asVehicle(sequence, { vehicleId, nextMessageId: pushed + 2 });
    played.push(await play(own, { open: () => openTls(house, vehicle), publish }));
  }
  return played;
}

async function openTls(
  house: BrokerHouse,
  { chain: cert, privateKey: key }: EnrolledVehicle,
): Promise<Socket> {
  const at = { host: '127.0.0.1', port: house.mqtts, servername: 'localhost' };
  const socket = connectTls({ ...at, ca: house.root, cert, key });
  await once(socket, 'secureConnect');
  return socket;
}

async function startMosquitto(name: string): Promise<{ port: number; child: ChildProcess }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const file = path.join(folder, `${name}.conf`);
  writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\nlog_dest none\n`);
  const child = spawn('mosquitto', ['-c', file], { stdio: 'ignore' });
  await vi.waitFor(async () => {
    const socket = connect({ host: '127.0.0.1', port });
    await once(socket, 'connect');
    socket.destroy();
  }, WAIT);
  return { port, child };
}
