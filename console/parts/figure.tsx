// One figure of now: what it counts, the number, a word about it, and the list that makes it up.

import { Paper, Skeleton, Text } from '@mantine/core';
import { Link } from 'wouter';

export interface FigureProps {
  readonly label: string;
  /** Undefined while it is not known. */
  readonly value: string | undefined;
  readonly note?: string | undefined;
  readonly isWarning?: boolean;
  /** Where the list is. */
  readonly href?: string;
}

export function Figure({ label, value, note, isWarning = false, href }: FigureProps) {
  const content = (
    <>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      {value === undefined ? (
        <Skeleton h={34} w={90} my={2} />
      ) : (
        <div className="figure-value" data-figure={label}>
          {value}
        </div>
      )}
      <Text size="xs" {...(isWarning ? { fw: 600 } : { c: 'dimmed' })}>
        {note ?? '\u00a0'}
      </Text>
    </>
  );
  return (
    <Paper withBorder p="md" radius="md">
      {href === undefined ? (
        content
      ) : (
        <Link href={href} className="figure-link">
          {content}
        </Link>
      )}
    </Paper>
  );
}
