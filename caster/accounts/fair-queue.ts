// Work of which only some may be done at once and only some may wait. Who waits stands in a lane of its own, and lanes
// take turns: many jobs of one do not delay the only job of another. When all places are taken, the longest lane gives
// up its newest job; where none is longer than that of the newcomer, the newcomer is refused.

interface Waiting {
  begin(): void;
  /** Absent where it may not be given up; such a job takes no place either. */
  readonly giveUp?: () => void;
}

export class FairQueue {
  readonly #atOnceMax: number;
  readonly #waitingMax: number;
  /** In the order of their turns. */
  readonly #lanes = new Map<string, Waiting[]>();
  #running = 0;
  #waiting = 0;

  constructor(atOnceMax: number, waitingMax: number) {
    this.#atOnceMax = atOnceMax;
    this.#waitingMax = waitingMax;
  }

  /** Places that are taken. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Resolves to what `job` gives, or to undefined where it found no place or had to give it up. */
  run<T>(lane: string, job: () => Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => resolve(undefined);
      const waiting = { begin: () => this.#begin(job, resolve, reject), giveUp };
      if (this.#running < this.#atOnceMax) waiting.begin();
      else if (this.#waiting < this.#waitingMax || this.#makeRoom(lane)) this.#enqueue(lane, waiting);
      else giveUp();
    });
  }

  /** Waits its turn however many wait, and takes nobody's place: for callers that bound themselves. */
  runInTurn<T>(lane: string, job: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiting = { begin: () => this.#begin(job, resolve, reject) };
      if (this.#running < this.#atOnceMax) waiting.begin();
      else this.#enqueue(lane, waiting);
    });
  }

  #begin<T>(job: () => Promise<T>, resolve: (value: T) => void, reject: (error: unknown) => void): void {
    this.#running += 1;
    void job()
      .then(resolve, reject)
      .finally(() => {
        this.#running -= 1;
        this.#beginNext();
      });
  }

  #enqueue(lane: string, waiting: Waiting): void {
    const jobs = this.#lanes.get(lane);
    if (jobs === undefined) this.#lanes.set(lane, [waiting]);
    else jobs.push(waiting);
    if (waiting.giveUp !== undefined) this.#waiting += 1;
  }

  #beginNext(): void {
    for (const [lane, jobs] of this.#lanes) {
      const next = jobs.shift();
      // Its next turn comes after everybody's.
      this.#lanes.delete(lane);
      if (jobs.length > 0) this.#lanes.set(lane, jobs);
      if (next?.giveUp !== undefined) this.#waiting -= 1;
      next?.begin();
      return;
    }
  }

  /** True where a lane that stays no shorter than that of the newcomer has given up its newest job. */
  #makeRoom(newcomer: string): boolean {
    let longest: Waiting[] = [];
    for (const jobs of this.#lanes.values()) {
      if (jobs.length > longest.length && jobs.at(-1)?.giveUp !== undefined) longest = jobs;
    }
    const newcomersLength = this.#lanes.get(newcomer)?.length ?? 0;
    if (longest.length <= newcomersLength + 1) return false;
    longest.pop()?.giveUp?.();
    this.#waiting -= 1;
    return true;
  }
}
