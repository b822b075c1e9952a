// What became of the account, or the base of the mountpoint, before and with this session: earlier sessions with their
// close reasons, and refusals.

import { Stack, Text, Timeline } from '@mantine/core';
import type { ClosedSession, Refusal, Session } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useRead } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { connectionMessages } from './messages.ts';

const ENTRIES = 20;

interface Entry {
  readonly key: string;
  readonly at: string;
  readonly title: string;
  readonly words: string;
}

export function SessionTimeline({ session }: { readonly session: Session }) {
  const text = useText(connectionMessages);
  const formats = useFormats();
  const common = useText(commonMessages);
  const mayReadRefusals = useMay('refusals:read');
  const { account, mountpoint, role } = session;
  const closed = useRead('GET /v1/closed-sessions', {
    query: { limit: ENTRIES, ...(account === null ? { mountpoint, role } : { account }) },
  });
  const refusals = useRead(
    'GET /v1/refusals',
    { query: { limit: ENTRIES, ...(account === null ? { mountpoint } : { username: account }) } },
    { enabled: mayReadRefusals },
  );
  const error = closed.error ?? refusals.error;
  if (error !== null) return <ProblemBox error={error} />;

  const ofClosed = (one: ClosedSession): Entry => ({
    ...{ key: one.id, at: one.endedAt, title: text.closed(one.reason) },
    words: `${one.mountpoint} · ${one.address} · ${text.lasted(formats.span(one.durationMs))} · ${formats.bytes(one.bytes)}`,
  });
  const ofRefusal = (one: Refusal): Entry => ({
    ...{
      key: one.id,
      at: one.lastAt,
      title: `${text.refusedTimes(formats.number(one.count))}: ${one.reason}`,
    },
    words: `${one.meaning} · ${one.address} · ${one.fix}`,
  });
  const entries = [
    ...(closed.data?.data ?? []).map(ofClosed),
    ...(refusals.data?.data ?? []).map(ofRefusal),
    {
      ...{ key: session.id, at: session.startedAt, title: text.opened },
      words: `${mountpoint} · ${session.address} · ${common.role[role]}`,
    },
  ]
    .toSorted((a, b) => (a.at < b.at ? 1 : -1))
    .slice(0, ENTRIES);

  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {entries.length > 1 ? text.timelineWords : text.timelineNone}
      </Text>
      <Timeline bulletSize={12} lineWidth={2} active={-1}>
        {entries.map(({ key, at, title, words }) => (
          <Timeline.Item key={key} title={title} className="breakable">
            <Text size="sm">{words}</Text>
            <Text size="xs" c="dimmed">
              {formats.dateTime(at)}
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
    </Stack>
  );
}
