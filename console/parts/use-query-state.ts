// What a screen shows stands in the query string, so that its address can be sent to somebody else, and the browser's
// back button goes back.

import { useCallback, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';

export interface QueryState {
  /** Empty where it is not there. */
  readonly get: (name: string) => string;
  /** Empty takes it away. */
  readonly set: (changes: Readonly<Record<string, string>>, how?: 'push' | 'replace') => void;
}

export function useQueryState(): QueryState {
  const search = useSearch();
  const [location, navigate] = useLocation();
  const parameters = useMemo(() => new URLSearchParams(search), [search]);
  const get = useCallback((name: string) => parameters.get(name) ?? '', [parameters]);
  const set = useCallback(
    (changes: Readonly<Record<string, string>>, how: 'push' | 'replace' = 'replace') => {
      const next = new URLSearchParams(window.location.search);
      for (const [name, value] of Object.entries(changes)) {
        if (value === '') next.delete(name);
        else next.set(name, value);
      }
      const text = next.toString();
      navigate(text === '' ? location : `${location}?${text}`, { replace: how === 'replace' });
    },
    [location, navigate],
  );
  return useMemo(() => ({ get, set }), [get, set]);
}
