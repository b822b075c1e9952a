import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Three groups, one after the other, for a machine with two cores. What only computes may use both. What mostly waits,
// for a caster, a peer or a time limit, leaves a core idle: three such files run at a time. What loads the machine itself,
// measures it, breaks it or writes into the checkout runs alone, so that no neighbor's work looks like a slow caster.
const COMPUTING = ['test/{unit,tidy,recordings}/**/*.test.ts'];
const WAITING = [
  // 20,000 logins at once load the machine themselves.
  'test/{wire,integration}/**/!(allocation-under-fire).test.ts',
  'test/faults/{half-open,hung-worker,hung-worker-stop,store-away}.test.ts',
  'test/faults/metering/{metered-bytes,outage,prepaid-on-two-nodes}.test.ts',
  'test/faults/licensing/orders-killed.test.ts',
  // It reads the checkout; the test of the npm package, which writes into it, runs alone.
  'test/package/image.test.ts',
  // How long a page takes is asked of a machine that has nothing else to do.
  'test/e2e/!(console-many-sessions|console-soak).test.ts',
];
/** The waiting ones of half a minute and more. They begin first, so that none of them is left alone at the end. */
const LONG = [
  'test/faults/metering/prepaid-on-two-nodes.test.ts',
  'test/package/image.test.ts',
  'test/e2e/console-accessibility.test.ts',
  'test/integration/accounts/two-processes.test.ts',
  'test/integration/live/several-nodes.test.ts',
  'test/integration/live/redis-outage.test.ts',
  'test/faults/metering/metered-bytes.test.ts',
  'test/faults/hung-worker.test.ts',
].map((file) => path.join(import.meta.dirname, file));

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number =>
      LONG.includes(moduleId) ? LONG.indexOf(moduleId) : LONG.length;
    return (await super.sort(files)).toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

/** A test that fails because the machine was busy elsewhere passes when it is asked again; a bug does not. */
const RETRIES = 2;

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What is polled comes when the machine comes to it: a second is not enough with two others beside.
    expect: { poll: { timeout: 15_000 } },
    allowOnly: false,
    sequence: { sequencer: LongFirst },
    projects: [
      {
        extends: true,
        test: { name: 'computing', include: COMPUTING, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'waiting',
          include: WAITING,
          maxWorkers: 3,
          retry: RETRIES,
          sequence: { groupOrder: 1 },
        },
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
