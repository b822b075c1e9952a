// How far an order has come, live: asked for once, so that what is wrong has its words, and then followed as server-sent
// events, each with all that there is to say. The token goes in the header, never into an address.

import { useEffect, useState } from 'react';
import type { OrderProgress } from '../../../console/api/api-types.ts';
import type { ApiError } from '../../../console/api/client.ts';
import { followStream, type StreamState } from '../../../console/api/event-stream.ts';
import { useRead } from '../../../console/api/queries.ts';

export interface LiveProgress {
  readonly progress: OrderProgress | undefined;
  readonly state: StreamState;
  readonly error: ApiError | null;
  readonly retry: () => void;
}

export function useOrderProgress(id: string): LiveProgress {
  const { data, error, refetch } = useRead('GET /v1/orders/{id}/progress', { path: { id } });
  const [told, setTold] = useState<OrderProgress>();
  const [state, setState] = useState<StreamState>('connecting');
  const isThere = data !== undefined;
  useEffect(() => {
    if (!isThere) return undefined;
    return followStream(`/v1/orders/${encodeURIComponent(id)}/progress/events`, {
      onMessages: (messages) => {
        const last = messages.findLast(({ type }) => type === 'progress');
        if (last !== undefined) setTold(JSON.parse(last.data) as OrderProgress);
      },
      onState: setState,
    });
  }, [id, isThere]);
  return { progress: told ?? data, state, error, retry: () => void refetch() };
}
