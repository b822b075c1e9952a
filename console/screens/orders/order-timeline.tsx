// Everything that happened to an order, from the order to the vehicle's receipt; the latest last, as it goes on.

import { Text, Timeline } from '@mantine/core';
import type { TimelineEntry } from '../../api/api-types.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { useTimelineWords } from '../../parts/timeline-words.ts';
import { orderMessages } from './messages.ts';

/** What went wrong stands out. */
const BAD = new Set([
  ...['refused', 'lose', 'dispute', 'disputed', 'dispute_lost', 'failed', 'expire', 'not_taken'],
]);
/** Of these the state is more than the words say. */
const TOLD_BY_STATE = new Set<TimelineEntry['kind']>(['ota', 'payment_event']);

export function OrderTimeline({ entries }: { readonly entries: readonly TimelineEntry[] }) {
  const text = useText(orderMessages);
  const wordsOf = useTimelineWords();
  const formats = useFormats();
  return (
    <div role="log" aria-label={text.timeline}>
      <Timeline bulletSize={12} lineWidth={2} active={entries.length - 1}>
        {entries.map(({ at, kind, id, what, actor, detail, state }, index) => (
          <Timeline.Item
            key={`${kind} ${id} ${what} ${at} ${index}`}
            title={wordsOf(kind, what)}
            color={BAD.has(what) ? 'red' : 'green'}
            className="breakable"
          >
            <Text size="sm" className="mono">
              {[actor, detail, TOLD_BY_STATE.has(kind) ? state : null]
                .filter((one) => one !== null)
                .join(' · ')}
            </Text>
            <Text size="xs" c="dimmed">
              {formats.dateTime(at)}
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
    </div>
  );
}
