// Where there is nothing to show: what it means, and the next step.

import { Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

export interface EmptyStateProps {
  readonly title: string;
  readonly words?: string;
  /** The next step: a button, a link, a line to copy. */
  readonly children?: ReactNode;
}

export function EmptyState({ title, words, children }: EmptyStateProps) {
  return (
    <Paper withBorder p="xl" radius="md">
      <Stack align="center" gap="sm" ta="center">
        <Title order={2} size="h4">
          {title}
        </Title>
        {words !== undefined && (
          <Text c="dimmed" maw={560}>
            {words}
          </Text>
        )}
        {children}
      </Stack>
    </Paper>
  );
}
