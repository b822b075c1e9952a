// Putting the shop on the home screen, where the browser offers it. It offers once, maybe before anybody looks: kept here.

import { useSyncExternalStore } from 'react';

/** As Chromium has it; others install by a menu of their own. */
interface InstallOffer extends Event {
  prompt(): Promise<unknown>;
}

let offer: InstallOffer | undefined;
const watchers = new Set<() => void>();

function setOffer(now: InstallOffer | undefined): void {
  offer = now;
  for (const watcher of watchers) watcher();
}

export function listenForInstall(): void {
  window.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    setOffer(event as InstallOffer);
  });
  window.addEventListener('appinstalled', () => setOffer(undefined));
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Undefined where there is nothing to offer. */
export function useInstall(): (() => void) | undefined {
  const offered = useSyncExternalStore(watch, () => offer);
  return offered && (() => void offered.prompt().then(() => setOffer(undefined)));
}
