// The fields of a billing plan.

import { Fieldset, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import { useText } from '../../i18n/messages.ts';
import { Choice } from '../../parts/choice.tsx';
import { countsMessages } from '../../parts/counted-units.ts';
import { CustomerChoice } from '../../parts/customer-choice.tsx';
import { NumberField } from '../../parts/number-field.tsx';
import { planMessages } from './messages.ts';
import {
  AMOUNT_MAX,
  mayRunOut,
  MONEY_DECIMALS,
  PER_UNITS,
  USUAL_PER,
  type PlanFormProps,
} from './plan-form.ts';
import { usePlanWords } from './plan-words.ts';
import { PriceRows, TierRows } from './price-rows.tsx';

const DAYS_MAX = 36_500;
/** Made when it is opened. */
const LONG_LIST = { keepMounted: false } as const;
const COLUMNS = { base: 1, sm: 2 } as const;

interface PlanFieldsProps extends PlanFormProps {
  readonly isNew: boolean;
}

export function PlanFields(props: PlanFieldsProps) {
  const { form, set, faults, isNew } = props;
  const text = useText(planMessages);
  return (
    <>
      {!isNew && (
        <Text size="sm" c="dimmed">
          {text.editWords}
        </Text>
      )}
      <SimpleGrid cols={COLUMNS}>
        <TextInput
          label={text.fields.name}
          value={form.name}
          error={faults.has('name') && text.fields.nameMissing}
          onChange={(event) => set({ name: event.currentTarget.value })}
          maxLength={200}
          required
          data-autofocus
          autoComplete="off"
        />
        {isNew && <CustomerChoice value={form.customerId} onChange={(customerId) => set({ customerId })} />}
      </SimpleGrid>
      <Fieldset legend={text.fields.price}>
        <Stack gap="sm">
          <CountedFields {...props} />
          <TierRows {...props} />
          {form.counts !== 'period' && <PriceRows {...props} />}
        </Stack>
      </Fieldset>
      <Fieldset legend={text.fields.money}>
        <PaidFields {...props} />
      </Fieldset>
    </>
  );
}

function CountedFields({ form, set, faults }: PlanFormProps) {
  const text = useText(planMessages).fields;
  const { counts } = useText(countsMessages);
  const words = usePlanWords();
  const currencies = useMemo(() => Intl.supportedValuesOf('currency'), []);
  const zones = useMemo(() => [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])], []);
  const wordOf = (per: number) => words.per({ counts: form.counts, per, period: form.period || null });
  const units: readonly number[] = Object.values(PER_UNITS[form.counts]);
  return (
    <SimpleGrid cols={COLUMNS}>
      <Choice
        label={text.counts}
        texts={counts}
        value={form.counts}
        onChange={(chosen) =>
          set({ counts: chosen, per: USUAL_PER[chosen], ...(form.period === '' ? { period: 'month' } : {}) })
        }
      />
      <Select
        label={text.currency}
        data={currencies}
        value={form.currency}
        onChange={(currency) => currency !== null && set({ currency })}
        searchable
        allowDeselect={false}
        comboboxProps={LONG_LIST}
      />
      <NumberField
        label={text.price}
        value={form.price}
        onChange={(price) => set({ price })}
        max={AMOUNT_MAX}
        decimals={MONEY_DECIMALS}
        suffix={` ${form.currency}`}
        error={faults.has('price') ? text.priceMissing : undefined}
        isRequired
      />
      {form.counts !== 'period' && (
        <Select
          label={text.per}
          data={[...new Set([...units, form.per])].map((per) => ({ value: String(per), label: wordOf(per) }))}
          value={String(form.per)}
          onChange={(per) => per !== null && set({ per: Number(per) })}
          allowDeselect={false}
        />
      )}
      <Select
        label={text.period}
        description={form.counts === 'period' ? undefined : text.periodHint}
        data={(['day', 'week', 'month', 'year'] as const).map((one) => ({
          value: one,
          label: text.periods[one],
        }))}
        value={form.period || null}
        error={faults.has('period') && text.periodMissing}
        onChange={(period) => set({ period: period ?? '' })}
        clearable={form.counts !== 'period'}
        allowDeselect={false}
      />
      <Select
        label={text.timeZone}
        data={zones}
        value={form.timeZone}
        onChange={(timeZone) => timeZone !== null && set({ timeZone })}
        searchable
        limit={100}
        allowDeselect={false}
        comboboxProps={LONG_LIST}
      />
      <NumberField
        label={text.included}
        hint={text.includedHint(wordOf(form.per))}
        value={form.included}
        onChange={(included) => set({ included })}
        max={AMOUNT_MAX}
        decimals={form.counts === 'period' ? 0 : MONEY_DECIMALS}
      />
    </SimpleGrid>
  );
}

function PaidFields({ form, set }: PlanFormProps) {
  const all = useText(planMessages);
  const text = all.fields;
  const amount = { max: AMOUNT_MAX, decimals: MONEY_DECIMALS, suffix: ` ${form.currency}` } as const;
  return (
    <SimpleGrid cols={COLUMNS}>
      <Choice
        label={text.mode}
        texts={all.mode}
        value={form.mode}
        onChange={(mode) => set({ mode, atZero: mode === 'prepaid' ? 'end' : 'continue' })}
      />
      {form.mode === 'postpaid' && (
        <NumberField
          label={text.creditLimit}
          hint={text.creditHint}
          value={form.creditLimit}
          onChange={(creditLimit) => set({ creditLimit })}
          {...amount}
        />
      )}
      {mayRunOut(form) && (
        <>
          <Choice
            label={text.atZero}
            texts={all.atZero}
            value={form.atZero}
            onChange={(atZero) => set({ atZero })}
          />
          <NumberField
            label={text.lowBalance}
            hint={text.lowHint}
            value={form.lowBalance}
            onChange={(lowBalance) => set({ lowBalance })}
            {...amount}
          />
        </>
      )}
      <NumberField
        label={text.validityDays}
        hint={text.validityHint}
        value={form.validityDays}
        onChange={(validityDays) => set({ validityDays })}
        min={1}
        max={DAYS_MAX}
      />
    </SimpleGrid>
  );
}
