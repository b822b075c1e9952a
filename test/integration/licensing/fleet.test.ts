// A fleet of the reference vehicles against a real server, by the command line: from the order to the activated function.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CasterProcess, OWNER_KEY, startCasterProcess } from '../../support/caster-process.ts';
import { runCli } from '../cli/cli-process.ts';

let caster: CasterProcess;
beforeAll(async () => {
  caster = await startCasterProcess({ env: { ROVERCAST_MQTTS_PORT: '0', ROVERCAST_MQTTS_TOKEN_PORT: '0' } });
});
afterAll(async () => await caster.stop());

const server = (): string => `http://127.0.0.1:${caster.ready.http}`;

interface FleetRun {
  readonly vehicles: number;
  readonly connected: number;
  readonly orders?: {
    readonly made: number;
    readonly refused: number;
    readonly missing: number;
    readonly activation: Readonly<Record<'rsa' | 'sm2', { readonly activated: number }>>;
  };
}

describe('rovercast simulate vehicles', () => {
  test('every order of a free product ends in one activation, for RSA and for SM2 vehicles', async () => {
    const words = ['--server', server(), '-n', '4', '--algorithm', 'both', '--orders', '4', '--seconds', '2'];
    const ran = await runCli(['simulate', 'vehicles', ...words, '--json'], {
      env: { ROVERCAST_API_KEY: OWNER_KEY },
    });
    expect(ran.code, ran.stderr).toBe(0);
    const run = JSON.parse(ran.stdout) as FleetRun;
    expect(run).toMatchObject({
      ...{ vehicles: 4, connected: 4 },
      orders: {
        made: 8,
        refused: 0,
        missing: 0,
        activation: { rsa: { activated: 4 }, sm2: { activated: 4 } },
      },
    });
  });

  test('a key that the server does not know ends it with the server’s own words', async () => {
    const ran = await runCli(['simulate', 'vehicles', '--server', server(), '-n', '1', '--json'], {
      env: { ROVERCAST_API_KEY: 'csk_live_nobody_knows_this_one' },
    });
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stderr)).toMatchObject({ error: { code: 'answer_refused' } });
    expect(ran.stderr).toContain('401');
  });
});
