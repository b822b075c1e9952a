// How many vehicles get a release, and whether they do: its share, its pause and its end.

import { Button, Group, NumberInput, Stack } from '@mantine/core';
import { useState } from 'react';
import type { Release } from '../../api/api-types.ts';
import { useChange } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useText } from '../../i18n/messages.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { releaseMessages } from './messages.ts';

const TOUCHES = ['/v1/releases', '/v1/audit'];

export function ReleaseSteps({
  release: { id, state, sharePercent, partNumber },
}: {
  readonly release: Release;
}) {
  const text = useText(releaseMessages);
  const common = useText(commonMessages);
  const update = useChange('PATCH /v1/releases/{id}', TOUCHES);
  const resume = useChange('POST /v1/releases/{id}/resume', TOUCHES);
  const pause = useChange('POST /v1/releases/{id}/pause', TOUCHES);
  const abort = useChange('POST /v1/releases/{id}/abort', TOUCHES);
  const [share, setShare] = useState<number | ''>(sharePercent);
  const [isAsked, setIsAsked] = useState(false);
  if (state === 'aborted') return null;
  const error = update.error ?? resume.error ?? pause.error;
  return (
    <Stack gap="sm">
      <Group align="flex-end">
        <NumberInput
          label={text.share}
          description={text.shareHint}
          value={share}
          onChange={(value) => setShare(value === '' ? '' : Number(value))}
          {...{ min: 1, max: 100, clampBehavior: 'strict', allowDecimal: false, suffix: ' %' }}
          w={240}
        />
        <Button
          variant="default"
          disabled={share === '' || share === sharePercent}
          loading={update.isPending}
          onClick={() => share !== '' && update.mutate({ path: { id }, body: { sharePercent: share } })}
        >
          {common.save}
        </Button>
      </Group>
      <Group>
        {state === 'active' ? (
          <Button variant="default" loading={pause.isPending} onClick={() => pause.mutate({ path: { id } })}>
            {text.pause}
          </Button>
        ) : (
          <Button loading={resume.isPending} onClick={() => resume.mutate({ path: { id } })}>
            {state === 'draft' ? text.start : text.resume}
          </Button>
        )}
        <Button color="red" variant="light" onClick={() => setIsAsked(true)}>
          {text.abort}
        </Button>
      </Group>
      {error !== null && <ProblemBox error={error} />}
      <ConfirmDialog
        isOpen={isAsked}
        onClose={() => setIsAsked(false)}
        title={text.abortTitle}
        words={text.abortWords}
        action={text.abort}
        name={partNumber}
        isWorking={abort.isPending}
        error={abort.error}
        onConfirm={() => abort.mutate({ path: { id } }, { onSuccess: () => setIsAsked(false) })}
      />
    </Stack>
  );
}
