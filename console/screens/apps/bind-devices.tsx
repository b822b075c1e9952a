// Devices of an app, bound by a file: a job of the server binds them, and tells of each that it could not.

import { Button, FileInput, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useChange } from '../../api/queries.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { JobProgress } from '../../parts/job-progress.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { type DeviceRow, devicesOf } from './devices-csv.ts';
import { appMessages } from './messages.ts';

const STALE = ['/v1/jobs'];

export function BindDevices({ appId }: { readonly appId: string }) {
  const text = useText(appMessages).bind;
  const formats = useFormats();
  const bulk = useChange('POST /v1/bulk', STALE);
  const [devices, setDevices] = useState<readonly DeviceRow[]>([]);
  const read = async (file: File | null): Promise<void> => {
    bulk.reset();
    setDevices(file === null ? [] : devicesOf(await file.text()));
  };
  return (
    <Stack gap="xs">
      <FileInput
        label={text.file}
        description={text.hint}
        placeholder={text.choose}
        styles={{ placeholder: { color: 'var(--mantine-color-dimmed)' } }}
        accept=".csv,text/csv,text/plain"
        clearable
        clearButtonProps={{ 'aria-label': text.clear }}
        onChange={(file) => void read(file)}
      />
      <Group gap="sm">
        <Button
          size="xs"
          variant="default"
          disabled={devices.length === 0}
          loading={bulk.isPending}
          onClick={() => bulk.mutate({ body: { action: 'bindDevices', appId, devices } })}
        >
          {text.go}
        </Button>
        <Text size="sm" c="dimmed" role="status">
          {text.counted(formats.number(devices.length))}
        </Text>
      </Group>
      {bulk.error !== null && <ProblemBox error={bulk.error} />}
      {bulk.data !== undefined && <JobProgress key={bulk.data.id} begun={bulk.data} />}
    </Stack>
  );
}
