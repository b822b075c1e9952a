// Which accounts somebody uses on this node at this moment, and as whose: logins under way and sessions that run. An
// account goes back to its pool when its last use has ended, whoever held it meanwhile: its password lets in also
// where a device or a nameless login holds it, and the one may outlast the other.

interface Use {
  count: number;
  readonly holders: Set<string>;
}

export class AccountUses {
  readonly #uses = new Map<string, Use>();

  begin(accountId: string, holder: string): void {
    const use = this.#uses.get(accountId);
    if (use === undefined) {
      this.#uses.set(accountId, { count: 1, holders: new Set([holder]) });
      return;
    }
    use.count += 1;
    use.holders.add(holder);
  }

  /** Where that was the last use, whoever held the account during it and those before; else nobody. */
  end(accountId: string): readonly string[] {
    const use = this.#uses.get(accountId);
    if (use === undefined) return [];
    use.count -= 1;
    if (use.count > 0) return [];
    this.#uses.delete(accountId);
    return [...use.holders];
  }

  has(accountId: string): boolean {
    return this.#uses.has(accountId);
  }

  /** Every account that is in use, once for each that held it meanwhile. */
  all(): { readonly id: string; readonly holder: string }[] {
    return [...this.#uses].flatMap(([id, { holders }]) => [...holders].map((holder) => ({ id, holder })));
  }

  /** True where the account is in use (again): what this holder has goes back with the last use then. */
  takeOver(accountId: string, holder: string): boolean {
    const use = this.#uses.get(accountId);
    use?.holders.add(holder);
    return use !== undefined;
  }
}
