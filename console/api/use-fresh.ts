// What a screen shows is read anew when an event tells that something of it has changed: at most once a second, however
// many events come. Where nobody may follow events, whatever is read asks again by itself.

import { useEffect } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { liveFeed } from './live-feed.ts';

const AT_MOST_EVERY_MS = 1000;

/**
 * `events`: beginnings of their names; `paths`: beginnings of the paths whose reads are stale then. Both are constants of
 * the caller's.
 */
export function useFresh(events: readonly string[], paths: readonly string[]): void {
  const client = useQueryClient();
  useEffect(() => {
    let due: ReturnType<typeof setTimeout> | undefined;
    const refresh = (): void => {
      due = undefined;
      void client.invalidateQueries({
        predicate: ({ queryKey: [name] }) => paths.some((path) => String(name).startsWith(`GET ${path}`)),
      });
    };
    const end = liveFeed.listen((come) => {
      const isMeant = come.some(({ event }) => events.some((name) => event.startsWith(name)));
      if (isMeant) due ??= setTimeout(refresh, AT_MOST_EVERY_MS);
    });
    return () => {
      end();
      clearTimeout(due);
    };
  }, [client, events, paths]);
}
