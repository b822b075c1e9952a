// A node as a process: takes claims from its parent, answers them, and tells what it has lost.

import { LIVE_SCRIPTS } from '../../../caster/accounts/live/live-scripts.ts';
import type { SlotClaim, SlotVerdict } from '../../../caster/accounts/live/live-state.ts';
import { RedisLiveState } from '../../../caster/accounts/live/redis-live-state.ts';
import { RedisConnection } from '../../../platform/bus/redis-connection.ts';

export type Told =
  | { readonly kind: 'ready' }
  | { readonly kind: 'verdict'; readonly ask: number; readonly verdict: SlotVerdict }
  | { readonly kind: 'lost'; readonly sessionId: string; readonly by: string };

const [url = '', name = ''] = process.argv.slice(2);
const live = new RedisLiveState(new RedisConnection(url, { scripts: LIVE_SCRIPTS }), name);
const tell = (told: Told): boolean | undefined => process.send?.(told);

live.onLost((sessionId, by) => tell({ kind: 'lost', sessionId, by }));
process.on('message', ({ ask, claim }: { ask: number; claim: SlotClaim }) => {
  void live.takeSlots(claim).then((verdict) => tell({ kind: 'verdict', ask, verdict }));
});
process.on('disconnect', () => process.exit());
await live.ready;
tell({ kind: 'ready' });
