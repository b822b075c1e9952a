// The key with which somebody signed in. It is kept for this tab alone and gone when the tab is closed: never in a cookie,
// never in localStorage, never in an address.

const PLACE = 'rovercast.key';

const listeners = new Set<() => void>();

export function presentedKey(): string | undefined {
  return sessionStorage.getItem(PLACE) ?? undefined;
}

/** Undefined signs out. */
export function setPresentedKey(key: string | undefined): void {
  if (key === undefined) sessionStorage.removeItem(PLACE);
  else sessionStorage.setItem(PLACE, key);
  for (const listener of [...listeners]) listener();
}

/** Calls back after every change; the function it gives ends that. */
export function onKeyChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
