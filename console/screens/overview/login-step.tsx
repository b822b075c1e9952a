// The first login of rovers: an app with one account, made together.

import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import type { AccountCredentials, App } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useChange } from '../../api/queries.ts';
import { useText } from '../../i18n/messages.ts';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { firstMessages } from './first-messages.ts';

export interface LoginStepProps {
  /** `other`: one that is there already. */
  readonly onLogin: (login: AccountCredentials | 'other') => void;
}

export function LoginStep({ onLogin }: LoginStepProps) {
  const text = useText(firstMessages).login;
  const mayMake = [useMay('apps:write'), useMay('accounts:write')].every(Boolean);
  const [name, setName] = useState(text.appName);
  const [app, setApp] = useState<App>();
  const makeApp = useChange('POST /v1/apps', ['/v1/apps']);
  const makeAccount = useChange('POST /v1/apps/{id}/accounts', ['/v1/accounts']);
  const error = makeApp.error ?? makeAccount.error;
  const addAccount = (to: App): void => {
    setApp(to);
    makeAccount.mutate(
      { path: { id: to.id }, body: { count: 1 } },
      { onSuccess: ({ data: [account] }) => account !== undefined && onLogin(account) },
    );
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    // The app that is there already after a failure is not made twice.
    if (app !== undefined) addAccount(app);
    else makeApp.mutate({ body: { name: name.trim() } }, { onSuccess: addAccount });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <Text size="sm">{text.words}</Text>
        <Group align="flex-end" gap="sm">
          {mayMake && (
            <>
              <TextInput
                label={text.name}
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
                maxLength={200}
                autoComplete="off"
                w={240}
              />
              <Button
                type="submit"
                loading={makeApp.isPending || makeAccount.isPending}
                disabled={name.trim() === ''}
              >
                {text.make}
              </Button>
            </>
          )}
          <Button variant="subtle" color="gray" onClick={() => onLogin('other')}>
            {text.skip}
          </Button>
        </Group>
        {error !== null && <ProblemBox error={error} />}
      </Stack>
    </form>
  );
}
