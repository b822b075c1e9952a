// What the queue gave up, and why; once its cause is mended it is tried again.

import { Button, Code, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import type { DeadLetter } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useChange, useList } from '../../api/queries.ts';
import { useFresh } from '../../api/use-fresh.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import type { Column } from '../../parts/data-table.tsx';
import { Facts } from '../../parts/facts.tsx';
import { ListFrame } from '../../parts/list-frame.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { entitlementMessages } from './messages.ts';

const REFRESH_MS = 10_000;
const EVENTS = ['dead_letter'];
const STALE = ['/v1/dead-letters'];

export function DeadLetters() {
  const text = useText(entitlementMessages);
  const state = useQueryState();
  const list = useList('GET /v1/dead-letters', { query: {} }, { everyMs: REFRESH_MS });
  useFresh(EVENTS, STALE);
  const openId = state.get('letter');
  const opened = list.rows.find(({ id }) => id === openId);
  const close = (): void => state.set({ letter: '' });
  return (
    <>
      <ListFrame
        label={text.tabs.deadLetters}
        list={list}
        columns={useColumns()}
        keyOf={({ id }) => id}
        selectedKey={openId}
        onOpen={({ id }) => state.set({ letter: id }, 'push')}
        texts={text.letters}
      />
      <SideDrawer isOpen={opened !== undefined} onClose={close} title={opened?.topic}>
        {opened !== undefined && <Opened letter={opened} onRetried={close} />}
      </SideDrawer>
    </>
  );
}

function useColumns(): readonly Column<DeadLetter>[] {
  const text = useText(entitlementMessages).letter;
  const formats = useFormats();
  return useMemo(
    () => [
      { ...{ id: 'topic', title: text.topic, minPx: 130 }, cell: ({ topic }) => topic },
      { ...{ id: 'problem', title: text.problem, minPx: 260, grow: 3 }, cell: ({ problem }) => problem },
      {
        ...{ id: 'tries', title: text.tries, minPx: 90, isNumber: true },
        cell: ({ tries }) => formats.number(tries),
      },
      {
        ...{ id: 'at', title: text.at, minPx: 180, grow: 0.6 },
        cell: ({ createdAt }) => formats.dateTime(createdAt),
      },
    ],
    [text, formats],
  );
}

interface OpenedProps {
  readonly letter: DeadLetter;
  readonly onRetried: () => void;
}

function Opened({ letter: { id, entryId, body, problem, tries, createdAt }, onRetried }: OpenedProps) {
  const text = useText(entitlementMessages).letter;
  const formats = useFormats();
  const mayRetry = useMay('entitlements:write');
  const retry = useChange('POST /v1/dead-letters/{id}/retry', ['/v1/dead-letters']);
  return (
    <Stack gap="lg">
      <Facts
        facts={[
          { name: text.problem, value: problem },
          { name: text.tries, value: formats.number(tries) },
          { name: text.at, value: formats.dateTime(createdAt) },
          { name: text.entry, value: entryId, isMono: true },
        ]}
      />
      <div>
        <Text size="sm" c="dimmed" mb={4}>
          {text.body}
        </Text>
        <Code block className="breakable">
          {body}
        </Code>
      </div>
      {mayRetry && (
        <div>
          <Button
            loading={retry.isPending}
            onClick={() => retry.mutate({ path: { id } }, { onSuccess: onRetried })}
          >
            {text.retry}
          </Button>
        </div>
      )}
      {retry.error !== null && <ProblemBox error={retry.error} />}
    </Stack>
  );
}
