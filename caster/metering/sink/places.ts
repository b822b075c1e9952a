// A number of places that are taken and given back; who finds none waits in order, but not for ever.

export class Places {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** False where there was none within the time. */
  async take(msMax: number): Promise<boolean> {
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    return await new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(enter);
        resolve(false);
      }, msMax);
      const enter = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      this.#waiting.add(enter);
    });
  }

  give(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
