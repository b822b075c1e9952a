// How this server is set up: what is in force and who gave it, and the configuration file, which can be changed here.

import { SegmentedControl, Stack } from '@mantine/core';
import { useRead } from '../../api/queries.ts';
import { useText } from '../../i18n/messages.ts';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { FileTab } from './file-tab.tsx';
import { InForce } from './in-force.tsx';
import { settingsMessages } from './messages.ts';

export function SettingsScreen() {
  const text = useText(settingsMessages);
  const state = useQueryState();
  const read = useRead('GET /v1/settings', {});
  const isFile = state.get('show') === 'file';
  return (
    <Stack gap="sm">
      <SegmentedControl
        aria-label={text.tabs.label}
        data={[
          { value: '', label: text.tabs.inForce },
          { value: 'file', label: text.tabs.file },
        ]}
        value={isFile ? 'file' : ''}
        onChange={(show) => state.set({ show })}
        className="tabs"
      />
      {read.error !== null && <ProblemBox error={read.error} />}
      {read.data !== undefined &&
        (isFile ? (
          <FileTab file={read.data.file} readAgain={async () => (await read.refetch()).data?.file ?? null} />
        ) : (
          <InForce settings={read.data.settings} />
        ))}
    </Stack>
  );
}
