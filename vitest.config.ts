import { defineConfig } from 'vitest/config';

// Two groups, one after the other, for a machine with two cores. What only computes may use both. What has sockets,
// processes or the clock in it runs one file at a time, so that no neighbor's work looks like a slow caster.
const COMPUTING = ['test/{unit,tidy,recordings}/**/*.test.ts'];

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
        test: {
          name: 'sockets',
          include: ['test/**/*.test.ts'],
          exclude: COMPUTING,
          fileParallelism: false,
          // A test that fails because the machine was busy elsewhere passes when it is asked again; a bug does not.
          retry: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
