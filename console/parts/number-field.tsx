// A number that may be left empty.

import { NumberInput } from '@mantine/core';

export interface NumberFieldProps {
  readonly label: string;
  readonly value: number | '';
  readonly onChange: (value: number | '') => void;
  readonly min?: number;
  readonly max: number;
  /** Digits behind the point. */
  readonly decimals?: number;
  readonly placeholder?: string;
  readonly hint?: string | undefined;
  readonly suffix?: string;
  readonly error?: string | undefined;
  readonly isRequired?: boolean;
}

export function NumberField(props: NumberFieldProps) {
  const { label, value, onChange, min = 0, max, decimals = 0, placeholder, hint, suffix, error } = props;
  const { isRequired = false } = props;
  return (
    <NumberInput
      label={label}
      description={hint}
      placeholder={placeholder}
      value={value}
      onChange={(given) => onChange(given === '' ? '' : Number(given))}
      {...{ min, max, clampBehavior: 'strict', allowDecimal: decimals > 0, decimalScale: decimals }}
      {...(suffix === undefined ? {} : { suffix })}
      error={error}
      required={isRequired}
    />
  );
}
