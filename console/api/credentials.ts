// The key with which somebody signed in. The console keeps it for its tab alone and it is gone when the tab is closed; the
// shop says where else (keepKeyIn). Never in a cookie, never in an address.

let storage = (): Storage => sessionStorage;
let place = 'rovercast.key';

const listeners = new Set<() => void>();

/** Said once, before anything asks. What another tab changes there is heard of, so that signing out ends it everywhere. */
export function keepKeyIn(chosen: Storage, name: string): void {
  storage = () => chosen;
  place = name;
  window.addEventListener('storage', ({ storageArea, key }) => {
    if (storageArea === chosen && (key === place || key === null)) tellAll();
  });
}

export function presentedKey(): string | undefined {
  return storage().getItem(place) ?? undefined;
}

/** Undefined signs out. */
export function setPresentedKey(key: string | undefined): void {
  if (key === undefined) storage().removeItem(place);
  else storage().setItem(place, key);
  tellAll();
}

/** Calls back after every change; the function it gives ends that. */
export function onKeyChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tellAll(): void {
  for (const listener of [...listeners]) listener();
}
