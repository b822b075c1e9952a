// Names and values, one under the other: the facts of one thing.

import { Text } from '@mantine/core';
import type { ReactNode } from 'react';

export interface Fact {
  readonly name: string;
  /** Left out where it is null, false or empty. */
  readonly value: ReactNode;
  readonly isMono?: boolean;
}

export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  const shown = facts.filter(
    ({ value }) => value !== null && value !== undefined && value !== false && value !== '',
  );
  return (
    <dl className="facts">
      {shown.map(({ name, value, isMono }) => (
        <div key={name} className="fact">
          <Text component="dt" size="sm" c="dimmed">
            {name}
          </Text>
          <Text component="dd" size="sm" className={isMono === true ? 'mono breakable' : 'breakable'} m={0}>
            {value}
          </Text>
        </div>
      ))}
    </dl>
  );
}
