// Where each value of the configuration came from, so that a problem can point at it: a place in the file, an
// environment variable or a command line option. Later sources overlay earlier ones, value by value.

import { type ValuePath } from './problem.ts';

export class Places {
  readonly #keys = new Map<string, string>();
  readonly #values = new Map<string, string>();
  readonly #elsewhere: string;

  /** `elsewhere` is told for what nothing in the file stands for, such as a section left out. */
  constructor(elsewhere: string) {
    this.#elsewhere = elsewhere;
  }

  /** `keyPlace` is where the key itself stands; entries of lists have none. */
  set(path: ValuePath, valuePlace: string, keyPlace?: string): void {
    const id = placeId(path);
    this.#values.set(id, valuePlace);
    if (keyPlace === undefined) this.#keys.delete(id);
    else this.#keys.set(id, keyPlace);
  }

  /** Where this very value came from; undefined where nobody gave it. */
  given(path: ValuePath): string | undefined {
    return this.#values.get(placeId(path));
  }

  /** Where the value stands, or what contains it where it is not given. */
  ofValue(path: ValuePath): string {
    return (
      this.#values.get(placeId(path)) ?? (path.length === 0 ? this.#elsewhere : this.ofKey(path.slice(0, -1)))
    );
  }

  /** Where its key stands, or the value itself for entries of lists. */
  ofKey(path: ValuePath): string {
    return this.#keys.get(placeId(path)) ?? this.ofValue(path);
  }
}

/** JSON keeps keys with dots and brackets in them apart from paths. */
function placeId(path: ValuePath): string {
  return JSON.stringify(path);
}
