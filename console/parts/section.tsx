// A part of a drawer, or of a page, with its heading.

import { Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';

export interface SectionProps {
  readonly title: string;
  /** 2 right below the heading of a page; below the title of a drawer 3. */
  readonly level?: 2 | 3;
  readonly children: ReactNode;
}

export function Section({ title, level = 3, children }: SectionProps) {
  return (
    <Stack gap="xs" component="section">
      <Title order={level} size="h5">
        {title}
      </Title>
      {children}
    </Stack>
  );
}
