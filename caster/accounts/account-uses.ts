// Which accounts somebody uses on this node at this moment: logins under way and sessions that run. An account goes
// back to its pool when its last use has ended.

export class AccountUses {
  readonly #uses = new Map<string, number>();

  begin(accountId: string): void {
    this.#uses.set(accountId, (this.#uses.get(accountId) ?? 0) + 1);
  }

  /** True where that was the last use. */
  end(accountId: string): boolean {
    const left = (this.#uses.get(accountId) ?? 1) - 1;
    if (left > 0) this.#uses.set(accountId, left);
    else this.#uses.delete(accountId);
    return left <= 0;
  }

  has(accountId: string): boolean {
    return this.#uses.has(accountId);
  }

  /** Of accounts in use. */
  ids(): string[] {
    return [...this.#uses.keys()];
  }
}
