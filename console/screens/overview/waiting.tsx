// That something is waited for, which the server will see.

import { Group, Loader, Text } from '@mantine/core';

export function Waiting({ words }: { readonly words: string }) {
  return (
    <Group gap="xs" role="status">
      <Loader size="xs" aria-hidden="true" />
      <Text size="sm">{words}</Text>
    </Group>
  );
}
