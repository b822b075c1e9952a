// Gives a package its content from a file of the browser's machine. What broke off goes on where the server has it.

import { Button, FileInput, Group, Progress, Stack, Text, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import type { Package } from '../../api/api-types.ts';
import { ApiError, call } from '../../api/client.ts';
import { useRefresh } from '../../api/queries.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { releaseMessages } from './messages.ts';
import { uploadContent } from './upload-content.ts';

interface Sending {
  readonly bytes: number;
  readonly isRunning: boolean;
  readonly error: ApiError | null;
}

const NOTHING: Sending = { bytes: 0, isRunning: false, error: null };

export function ContentUpload({ id }: Pick<Package, 'id'>) {
  const text = useText(releaseMessages).upload;
  const formats = useFormats();
  const refresh = useRefresh();
  const [file, setFile] = useState<File | null>(null);
  const [sha256, setSha256] = useState('');
  const [sending, setSending] = useState(NOTHING);
  const isDigest = /^([0-9a-f]{64})?$/.test(sha256);
  const send = async (chosen: File): Promise<void> => {
    const isAgain = sending.error !== null && sending.bytes > 0;
    setSending((before) => ({ ...before, isRunning: true, error: null }));
    try {
      const from = isAgain ? (await call('GET /v1/packages/{id}', { path: { id } })).receivedBytes : 0;
      await uploadContent(id, {
        ...{ file: chosen, sha256, from: Math.min(from, chosen.size) },
        onSent: (bytes) => setSending({ bytes, isRunning: true, error: null }),
      });
      setSending((before) => ({ ...before, isRunning: false }));
      refresh();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setSending((before) => ({ ...before, isRunning: false, error }));
    }
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (file !== null && isDigest) void send(file);
  };
  const percent = file === null || file.size === 0 ? 0 : (100 * sending.bytes) / file.size;
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <FileInput
          label={text.file}
          placeholder={text.choose}
          styles={{ placeholder: { color: 'var(--mantine-color-dimmed)' } }}
          value={file}
          onChange={(chosen) => {
            setFile(chosen);
            setSending(NOTHING);
          }}
          disabled={sending.isRunning}
        />
        <TextInput
          label={text.digest}
          description={text.digestHint}
          value={sha256}
          error={!isDigest && text.digestWrong}
          onChange={(event) => setSha256(event.currentTarget.value.trim().toLowerCase())}
          maxLength={64}
          spellCheck={false}
          disabled={sending.isRunning}
        />
        {file !== null && sending.bytes > 0 && (
          <Stack gap={4}>
            <Progress value={percent} aria-label={text.progress} />
            <Text size="sm" c="dimmed" role="status">
              {text.sent(formats.bytes(sending.bytes), formats.bytes(file.size))}
            </Text>
          </Stack>
        )}
        {sending.error !== null && <ProblemBox error={sending.error} />}
        <Group>
          <Button type="submit" disabled={file === null || !isDigest} loading={sending.isRunning}>
            {sending.error === null ? text.send : text.goOn}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
