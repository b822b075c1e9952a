// A key that was just made: shown this once.

import { Alert, Button, Group, Stack } from '@mantine/core';
import { useText } from '../../i18n/messages.ts';
import { CopyLine } from '../../parts/copy-line.tsx';
import { keyMessages } from './messages.ts';

export interface MadeKeyProps {
  readonly name: string;
  readonly secret: string;
  readonly onDone: () => void;
}

export function MadeKey({ name, secret, onDone }: MadeKeyProps) {
  const text = useText(keyMessages).made;
  return (
    <Stack>
      <Alert color="yellow" variant="light" title={name}>
        {text.words}
      </Alert>
      <CopyLine label={text.key} line={secret} />
      <CopyLine
        label={text.use}
        line={`curl -H 'Authorization: Bearer ${secret}' ${window.location.origin}/v1/me`}
      />
      <Group justify="flex-end">
        <Button onClick={onDone}>{text.done}</Button>
      </Group>
    </Stack>
  );
}
