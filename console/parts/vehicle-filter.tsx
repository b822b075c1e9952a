// The field by which a list is narrowed to one vehicle: its whole id, as the API takes it.

import { TextInput } from '@mantine/core';
import { messages, useText } from '../i18n/messages.ts';
import { FIRST_FILTER } from './first-filter.ts';
import { Icon } from './icon.tsx';

const texts = messages({
  en: { vehicle: 'Vehicle id', hint: 'The whole VIN' },
  zh: { vehicle: '车辆标识', hint: '完整车架号' },
});

/** The API refuses others. */
const NOT_OF_ID = /[^A-Za-z0-9_-]/g;

export interface VehicleFilterProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function VehicleFilter({ value, onChange }: VehicleFilterProps) {
  const text = useText(texts);
  return (
    <TextInput
      {...FIRST_FILTER}
      label={text.vehicle}
      placeholder={text.hint}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value.replaceAll(NOT_OF_ID, ''))}
      leftSection={<Icon name="search" />}
      maxLength={64}
      w={240}
    />
  );
}
