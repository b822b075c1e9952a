import { defineConfig } from 'vitest/config';

// Three groups, one after the other, for a machine with two cores. What only computes may use both. What mostly waits,
// for a caster, a peer or a time limit, leaves a core idle: two such files run at a time. What loads the machine itself,
// measures it, breaks it or writes into the checkout runs alone, so that no neighbor's work looks like a slow caster.
const COMPUTING = ['test/{unit,tidy,recordings}/**/*.test.ts'];
const WAITING = [
  'test/{wire,integration}/**/*.test.ts',
  'test/faults/{half-open,hung-worker,hung-worker-stop,store-away}.test.ts',
  'test/faults/metering/outage.test.ts',
];

/** A test that fails because the machine was busy elsewhere passes when it is asked again; a bug does not. */
const RETRIES = 2;

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    allowOnly: false,
    projects: [
      {
        extends: true,
        test: { name: 'computing', include: COMPUTING, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: { name: 'waiting', include: WAITING, retry: RETRIES, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['test/**/*.test.ts'],
          exclude: [...COMPUTING, ...WAITING],
          fileParallelism: false,
          retry: RETRIES,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
