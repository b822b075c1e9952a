// The vitest reporter behind `npm test`: counts what ran and why something did not, as JSON in the file that
// ROVERCAST_TEST_SUMMARY names. Whatever went wrong counts as a failure, also where no test stands for it (a file that
// does not load, a hook that throws, an error that nobody caught).

import { writeFileSync } from 'node:fs';

/** @implements {import('vitest/reporters').Reporter} */
export default class SummaryReporter {
  onTestRunEnd(testModules, unhandledErrors) {
    const summary = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const testModule of testModules) {
      summary.failed += testModule.errors().length;
      for (const suite of testModule.children.allSuites()) summary.failed += suite.errors().length;
      for (const test of testModule.children.allTests()) count(test, summary);
    }
    const file = process.env.ROVERCAST_TEST_SUMMARY;
    if (file) writeFileSync(file, JSON.stringify(summary));
  }
}

function count(test, summary) {
  const result = test.result();
  if (result.state === 'passed') summary.passed++;
  else if (result.state === 'skipped') {
    summary.skipped.push({ name: test.fullName, file: test.module.relativeModuleId, note: result.note });
  } else summary.failed++;
}
