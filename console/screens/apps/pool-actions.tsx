// What can be done to the chosen accounts at once.

import { Button, Group, NumberInput, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { AccountSelectionInput, BulkRequestInput } from '../../api/api-types.ts';
import { useChange } from '../../api/queries.ts';
import { useText } from '../../i18n/messages.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { JobProgress } from '../../parts/job-progress.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { appMessages } from './messages.ts';

const STALE = ['/v1/jobs'];
const DAYS_AT_FIRST = 365;
const DAYS_MAX = 3650;

export interface PoolActionsProps {
  readonly selection: AccountSelectionInput;
  /** What is chosen, to be read. */
  readonly words: string;
}

export function PoolActions({ selection, words }: PoolActionsProps) {
  const text = useText(appMessages).bulk;
  const bulk = useChange('POST /v1/bulk', STALE);
  const [asked, setAsked] = useState<'suspend' | 'renew'>();
  const [days, setDays] = useState(DAYS_AT_FIRST);
  const begin = (body: BulkRequestInput): void =>
    bulk.mutate({ body }, { onSuccess: () => setAsked(undefined) });
  return (
    <Stack gap="xs" w="100%">
      <Group gap="xs">
        <Text size="sm" role="status">
          {words}
        </Text>
        <Button size="xs" variant="default" onClick={() => setAsked('renew')}>
          {text.renew}
        </Button>
        <Button
          size="xs"
          variant="default"
          loading={bulk.isPending && asked === undefined}
          onClick={() => begin({ action: 'reinstate', selection })}
        >
          {text.reinstate}
        </Button>
        <Button size="xs" color="red" variant="light" onClick={() => setAsked('suspend')}>
          {text.suspend}
        </Button>
      </Group>
      {asked === undefined && bulk.error !== null && <ProblemBox error={bulk.error} />}
      {bulk.data !== undefined && <JobProgress key={bulk.data.id} begun={bulk.data} />}
      <ConfirmDialog
        isOpen={asked === 'suspend'}
        onClose={() => setAsked(undefined)}
        title={text.suspendTitle}
        words={`${words}. ${text.suspendWords}`}
        action={text.suspend}
        isWorking={bulk.isPending}
        error={bulk.error}
        onConfirm={() => begin({ action: 'suspend', selection })}
      />
      <ConfirmDialog
        isOpen={asked === 'renew'}
        onClose={() => setAsked(undefined)}
        title={text.renewTitle}
        words={`${words}. ${text.renewWords}`}
        action={text.renew}
        isWorking={bulk.isPending}
        error={bulk.error}
        onConfirm={() => begin({ action: 'renew', selection, days })}
      >
        <NumberInput
          label={text.days}
          value={days}
          min={1}
          max={DAYS_MAX}
          allowDecimal={false}
          clampBehavior="strict"
          onChange={(value) => setDays(Number(value) || 1)}
        />
      </ConfirmDialog>
    </Stack>
  );
}
