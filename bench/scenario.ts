// What the runner asks of a scenario.

import type { Figure } from './figure.ts';

export interface ScenarioContext {
  /** Small counts: to see that all works, not to quote. */
  readonly quick: boolean;
  /** One line of progress for whoever waits. */
  readonly say: (progress: string) => void;
}

export interface Scenario {
  /** As on the command line. */
  readonly name: string;
  /** What is measured and how, in a sentence or two, for the page of results. */
  readonly what: string;
  /** It is ended after this. */
  readonly limitMs: number;
  run(context: ScenarioContext): Promise<Figure[]>;
}
