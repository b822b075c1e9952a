// The first mountpoint: a name and a password that is made for it.

import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { useMay } from '../../api/caller.ts';
import { useChange } from '../../api/queries.ts';
import { useText } from '../../i18n/messages.ts';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { firstMessages } from './first-messages.ts';

export interface MadeMountpoint {
  readonly name: string;
  readonly password: string;
}

/** Of a base, which is typed into a receiver: letters and digits that nobody confuses. */
function newPassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => 'abcdefghijkmnpqrstuvwxyz23456789'[byte & 31]).join('');
}

export function MountpointStep({ onMade }: { readonly onMade: (made: MadeMountpoint) => void }) {
  const text = useText(firstMessages).mountpoint;
  const mayMake = useMay('mountpoints:write');
  const [name, setName] = useState('BASE1');
  const [password, setPassword] = useState(newPassword);
  const create = useChange('POST /v1/mountpoints', ['/v1/mountpoints']);
  const isRight = /^[A-Za-z0-9._-]{1,100}$/.test(name);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!isRight) return;
    const made = { name, password };
    create.mutate({ body: { name, sourcePassword: password } }, { onSuccess: () => onMade(made) });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <Text size="sm">{text.words}</Text>
        {mayMake && (
          <Group align="flex-end" gap="sm">
            <TextInput
              label={text.name}
              value={name}
              error={isRight ? undefined : text.nameWrong}
              onChange={(event) => setName(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
            />
            <TextInput
              label={text.password}
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
              maxLength={256}
              w={220}
            />
            <Button type="submit" loading={create.isPending}>
              {text.make}
            </Button>
          </Group>
        )}
        {create.error !== null && <ProblemBox error={create.error} />}
      </Stack>
    </form>
  );
}
