// Who is signed in, for everything that is shown by what he may do.

import { createContext, useContext } from 'react';
import type { Caller } from './api-types.ts';

export type Scope = Caller['scopes'][number];

const CallerContext = createContext<Caller | undefined>(undefined);

export const CallerProvider = CallerContext.Provider;

export function useCaller(): Caller {
  const caller = useContext(CallerContext);
  if (caller === undefined) throw new Error('nobody is signed in here');
  return caller;
}

/** Whether the one who is signed in has a scope. The server decides anew at each request; this only decides what is shown. */
export function useMay(scope: Scope): boolean {
  return useCaller().scopes.includes(scope);
}

/** Live events are for operators with that scope; a customer's own key polls instead. */
export function useMayFollow(): boolean {
  const { customerId, scopes } = useCaller();
  return customerId === null && scopes.includes('events:read');
}
