// Tests that what no ledger holds reaches ClickHouse from a running caster: logins, let in or not, and how streams did.

import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { connectServer } from '../../../caster/metering/sink/clickhouse-server.ts';
import { findClickHouseServer, startClickHouseServer } from '../../proof/clickhouse-server.ts';
import { startCasterProcess } from '../../support/caster-process.ts';
import { observationFrame } from '../../support/frames.ts';

const MOUNTPOINTS = [{ name: 'BASE1', sourcePassword: 'choose-one' }];
const ACCOUNTS = [{ username: 'rover-1', password: 'right-password' }];

async function login(port: number, password: string): Promise<number> {
  const stopped = new AbortController();
  const { status } = await fetch(`http://127.0.0.1:${port}/BASE1`, {
    headers: {
      authorization: `Basic ${Buffer.from(`rover-1:${password}`).toString('base64')}`,
      'ntrip-version': 'Ntrip/2.0',
      'user-agent': 'NTRIP test',
    },
    signal: stopped.signal,
  });
  stopped.abort();
  return status;
}

test('logins of a running caster are in ClickHouse when it has stopped', async (context) => {
  const program = findClickHouseServer() ?? context.skip('clickhouse-server is not installed');
  const server = await startClickHouseServer(program);
  onTestFinished(() => server.stop());
  const caster = await startCasterProcess({
    config: { mountpoints: MOUNTPOINTS, accounts: ACCOUNTS },
    env: { ROVERCAST_CLICKHOUSE_URL: `${server.url}/default` },
  });
  onTestFinished(() => caster.kill());
  expect(await login(caster.ready.ntrip, 'wrong')).toBe(401);
  expect(await login(caster.ready.ntrip, 'wrong')).toBe(401);
  expect(await login(caster.ready.ntrip, 'right-password')).toBe(200);
  expect(await caster.stop()).toBe(0);

  const clickhouse = connectServer(server.url);
  onTestFinished(() => clickhouse.close());
  const sql =
    'SELECT outcome, account, mountpoint, user_agent, toUInt32(sum(times)) AS times FROM logins FINAL ' +
    'GROUP BY outcome, account, mountpoint, user_agent ORDER BY outcome';
  const rover = { account: 'rover-1', mountpoint: 'BASE1', user_agent: 'NTRIP test' };
  expect(await clickhouse.query(sql)).toEqual({
    ok: true,
    rows: [
      { outcome: 'accepted', ...rover, times: 1 },
      { outcome: 'refused', ...rover, times: 2 },
    ],
  });
}, 60_000);

test('how a base did and what its rovers got is in ClickHouse when the caster has stopped', async (context) => {
  const program = findClickHouseServer() ?? context.skip('clickhouse-server is not installed');
  const server = await startClickHouseServer(program);
  onTestFinished(() => server.stop());
  const caster = await startCasterProcess({
    config: { mountpoints: [{ ...MOUNTPOINTS[0], access: 'open' }] },
    env: { ROVERCAST_CLICKHOUSE_URL: `${server.url}/default` },
  });
  onTestFinished(() => caster.kill());
  const { ntrip } = caster.ready;
  const place = { port: ntrip, host: '127.0.0.1' };
  const base = connect(place).on('error', () => undefined);
  onTestFinished(() => void base.destroy());
  base.write('SOURCE choose-one /BASE1\r\nSource-Agent: NTRIP test\r\n\r\n');
  await once(base, 'data');
  const rover = connect(place).on('error', () => undefined);
  onTestFinished(() => void rover.destroy());
  rover.write('GET /BASE1 HTTP/1.0\r\nUser-Agent: NTRIP test\r\n\r\n');
  await once(rover, 'data');
  const epochs = [1, 2, 3].map((second) => observationFrame(7, second * 1000));
  for (const epoch of epochs) {
    base.write(epoch);
    await once(rover, 'data');
  }
  expect(await caster.stop()).toBe(0);

  const clickhouse = connectServer(server.url);
  onTestFinished(() => clickhouse.close());
  // A minute may end in between.
  const sql =
    'SELECT mountpoint, sum(bytes_received) AS bytes, sum(epochs_received) AS epochs, sum(epochs_delivered) AS delivered ' +
    'FROM stream_quality FINAL GROUP BY mountpoint';
  expect(await clickhouse.query(sql)).toEqual({
    ok: true,
    rows: [{ mountpoint: 'BASE1', bytes: String(Buffer.concat(epochs).length), epochs: '3', delivered: '3' }],
  });
}, 60_000);
