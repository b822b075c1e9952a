// The filters of usage and charges. What is chosen narrows everything below.

import { Group, Select, TextInput } from '@mantine/core';
import { useCaller } from '../../api/caller.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useText } from '../../i18n/messages.ts';
import { FIRST_FILTER } from '../../parts/first-filter.ts';
import { useNames } from '../../parts/names.ts';
import { useMountpointNames } from '../../parts/stream-fields.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { PERIODS, useUsageFilters, type FilterName } from './filters.ts';
import { usageMessages } from './messages.ts';

interface Option {
  readonly value: string;
  readonly label: string;
}

const optionsOf = (rows: readonly { readonly id: string; readonly name: string }[]): readonly Option[] =>
  rows.map(({ id, name }) => ({ value: id, label: name }));

export function FilterBar() {
  const text = useText(usageMessages);
  const state = useQueryState();
  const names = useNames();
  const mountpoints = useMountpointNames();
  const isOperator = useCaller().customerId === null;
  const { period } = useUsageFilters();
  return (
    <Group gap="sm" align="flex-end">
      <Select
        {...FIRST_FILTER}
        label={text.period}
        data={PERIODS.map((one) => ({ value: one, label: text.periods[one] }))}
        value={period}
        onChange={(value) => state.set({ period: value ?? '', from: '', to: '' })}
        allowDeselect={false}
        w={170}
      />
      {period === 'own' &&
        (['from', 'to'] as const).map((end) => (
          <TextInput
            key={end}
            label={text[end]}
            type="date"
            value={state.get(end).slice(0, 10)}
            onChange={(event) => state.set({ [end]: event.currentTarget.value })}
            w={150}
          />
        ))}
      {isOperator && <Chosen name="customer" options={optionsOf(names.customers)} />}
      <Chosen name="app" options={optionsOf(names.apps)} />
      <Typed name="account" />
      <Typed name="device" />
      <Chosen name="mountpoint" options={mountpoints.map((name) => ({ value: name, label: name }))} />
      <Chosen name="spec" options={optionsOf(names.specs)} />
      <Chosen name="plan" options={optionsOf(names.plans)} />
      {state.get('session') !== '' && <Typed name="session" />}
    </Group>
  );
}

interface ChosenProps {
  readonly name: FilterName;
  readonly options: readonly Option[];
}

function Chosen({ name, options }: ChosenProps) {
  const text = useText(usageMessages);
  const common = useText(commonMessages);
  const state = useQueryState();
  const value = state.get(name);
  // What is in the address stays to be seen although it is not among the first hundred, or gone.
  const isOffered = value === '' || options.some((option) => option.value === value);
  return (
    <Select
      label={text.filters[name]}
      placeholder={text.any}
      data={isOffered ? options : [{ value, label: value }, ...options]}
      value={value || null}
      onChange={(chosen) => state.set({ [name]: chosen ?? '' })}
      clearable
      searchable
      clearButtonProps={{ 'aria-label': common.clearFilters }}
      w={170}
    />
  );
}

function Typed({ name }: { readonly name: FilterName }) {
  const text = useText(usageMessages);
  const state = useQueryState();
  return (
    <TextInput
      label={text.filters[name]}
      placeholder={text.any}
      value={state.get(name)}
      onChange={(event) => state.set({ [name]: event.currentTarget.value })}
      autoComplete="off"
      spellCheck={false}
      w={150}
    />
  );
}
