// Who is signed in, how the shop looks and speaks, and the way out.

import {
  Button,
  NativeSelect,
  Paper,
  Stack,
  Text,
  useMantineColorScheme,
  type MantineColorScheme,
} from '@mantine/core';
import { useState } from 'react';
import { call } from '../../../console/api/client.ts';
import { setPresentedKey } from '../../../console/api/credentials.ts';
import { useChange, useRead } from '../../../console/api/queries.ts';
import { commonMessages } from '../../../console/app/common-messages.ts';
import { useText } from '../../../console/i18n/messages.ts';
import { Facts } from '../../../console/parts/facts.tsx';
import { Icon } from '../../../console/parts/icon.tsx';
import { useInstall } from '../../parts/install.ts';
import { LanguageChoice } from '../../parts/language-choice.tsx';
import { Page } from '../../parts/page.tsx';
import { timeZone } from '../../parts/time-zone.ts';
import { Trouble } from '../../parts/trouble.tsx';
import { accountMessages } from './messages.ts';

const SCHEMES: readonly MantineColorScheme[] = ['auto', 'light', 'dark'];

export function AccountPage() {
  const text = useText(accountMessages);
  const common = useText(commonMessages);
  const { data, error } = useRead('GET /v1/drivers/me', {});
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const install = useInstall();
  return (
    <Page title={text.title}>
      {error !== null && <Trouble error={error} />}
      <Paper withBorder p="md">
        <Facts
          facts={[
            { name: text.name, value: data?.name },
            { name: text.email, value: data?.email },
            { name: text.zone, value: timeZone() },
          ]}
        />
      </Paper>
      <LanguageChoice />
      <NativeSelect
        label={text.scheme}
        value={colorScheme}
        data={SCHEMES.map((value) => ({ value, label: common.scheme[value] }))}
        onChange={(event) => setColorScheme(event.currentTarget.value as MantineColorScheme)}
      />
      {install !== undefined && (
        <Button variant="default" onClick={install}>
          {text.install}
        </Button>
      )}
      <SignOut />
    </Page>
  );
}

function SignOut() {
  const text = useText(accountMessages);
  const [isLeaving, setIsLeaving] = useState(false);
  const leaveAll = useChange('POST /v1/drivers/logout', []);
  const leave = async (): Promise<void> => {
    setIsLeaving(true);
    // This device forgets it in any case; a session that nobody was told of ends by itself.
    await call('POST /v1/drivers/logout', { body: {} }).catch(() => undefined);
    setPresentedKey(undefined);
  };
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {text.outWords}
      </Text>
      {leaveAll.error !== null && <Trouble error={leaveAll.error} />}
      <Button
        variant="default"
        leftSection={<Icon name="signOut" />}
        loading={isLeaving}
        onClick={() => void leave()}
      >
        {text.out}
      </Button>
      <Button
        variant="subtle"
        loading={leaveAll.isPending}
        onClick={() =>
          leaveAll.mutate({ body: { all: true } }, { onSuccess: () => setPresentedKey(undefined) })
        }
      >
        {text.outEverywhere}
      </Button>
    </Stack>
  );
}
