// One of a few, none of which is nothing.

import { Select } from '@mantine/core';

export interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly texts: Readonly<Record<Value, string>>;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

export function Choice<Value extends string>({ label, texts, value, onChange }: ChoiceProps<Value>) {
  return (
    <Select
      label={label}
      data={(Object.keys(texts) as Value[]).map((one) => ({ value: one, label: texts[one] }))}
      value={value}
      onChange={(chosen) => chosen !== null && onChange(chosen)}
      allowDeselect={false}
    />
  );
}
