// What a new fleet needs and is shown once: the app's key and secret, and the accounts with their passwords.

import { Alert, Button, Group, Stack } from '@mantine/core';
import type { AccountCredentials, AppWithSecret } from '../../api/api-types.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { CopyLine } from '../../parts/copy-line.tsx';
import { useNtripAddress } from '../../parts/ntrip-address.ts';
import { csvOf, saveFile } from '../../parts/save-file.ts';
import { appMessages } from './messages.ts';

export interface FleetDoneProps {
  readonly app: AppWithSecret;
  readonly accounts: readonly AccountCredentials[];
  readonly onClose: () => void;
}

export function FleetDone({ app, accounts, onClose }: FleetDoneProps) {
  const text = useText(appMessages).done;
  const formats = useFormats();
  const address = useNtripAddress();
  const [first] = accounts;
  const save = (): void =>
    saveFile(
      `${app.appKey}-accounts.csv`,
      csvOf([['username', 'password'], ...accounts.map(({ username, password }) => [username, password])]),
    );
  return (
    <Stack>
      <Alert color="yellow" variant="light" title={app.name}>
        {text.once}
      </Alert>
      <CopyLine label={text.key} line={app.appKey} />
      <CopyLine label={text.secret} line={app.appSecret} />
      {first !== undefined && (
        <CopyLine
          label={text.line}
          line={`ntrip://${first.username}:${first.password}@${address}/MOUNTPOINT`}
        />
      )}
      <Group justify="space-between">
        {accounts.length > 0 ? (
          <Button variant="default" onClick={save}>
            {text.download}: {text.accounts(formats.number(accounts.length))}
          </Button>
        ) : (
          <span />
        )}
        <Button onClick={onClose}>{text.close}</Button>
      </Group>
    </Stack>
  );
}
