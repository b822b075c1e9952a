// The field by which a list is narrowed to one software part: its whole number, as the API takes it.

import { TextInput } from '@mantine/core';
import { useText } from '../../i18n/messages.ts';
import { FIRST_FILTER } from '../../parts/first-filter.ts';
import { Icon } from '../../parts/icon.tsx';
import { releaseMessages } from './messages.ts';

/** The API refuses others. */
const NOT_OF_PART = /[^A-Za-z0-9._-]/g;

export interface PartFilterProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function PartFilter({ value, onChange }: PartFilterProps) {
  const text = useText(releaseMessages);
  return (
    <TextInput
      {...FIRST_FILTER}
      label={text.part}
      placeholder={text.partHint}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value.replaceAll(NOT_OF_PART, ''))}
      leftSection={<Icon name="search" />}
      maxLength={64}
      w={240}
    />
  );
}
