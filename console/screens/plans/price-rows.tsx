// The further prices of a billing plan: tiers from an amount on, and those for a service spec or a mountpoint.

import { Button, Group, Select, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useText } from '../../i18n/messages.ts';
import { Icon } from '../../parts/icon.tsx';
import { useNames } from '../../parts/names.ts';
import { NumberField } from '../../parts/number-field.tsx';
import { useMountpointNames } from '../../parts/stream-fields.tsx';
import { planMessages } from './messages.ts';
import { AMOUNT_MAX, MONEY_DECIMALS, newPrice, newTier, type PlanFormProps } from './plan-form.ts';
import { usePlanWords } from './plan-words.ts';

/** Rows in the order of `all`, with one changed. */
function changed<Row extends { readonly key: number }>(
  all: readonly Row[],
  key: number,
  part: Partial<Row>,
): readonly Row[] {
  return all.map((row) => (row.key === key ? { ...row, ...part } : row));
}

export function TierRows({ form, set, faults }: PlanFormProps) {
  const text = useText(planMessages).fields;
  const words = usePlanWords();
  const { tiers, counts, per, period, currency } = form;
  const unit = words.per({ counts, per, period: period || null });
  return (
    <Rows
      title={text.tiers}
      hint={text.tiersHint}
      fault={faults.has('tiers') ? text.tierWrong : undefined}
      add={text.tierAdd}
      onAdd={() => set({ tiers: [...tiers, newTier()] })}
    >
      {tiers.map(({ key, from, price }) => (
        <Row key={key} onRemove={() => set({ tiers: tiers.filter((tier) => tier.key !== key) })}>
          <NumberField
            label={text.tierFrom(unit)}
            value={from}
            onChange={(value) => set({ tiers: changed(tiers, key, { from: value }) })}
            max={AMOUNT_MAX}
            decimals={counts === 'period' ? 0 : MONEY_DECIMALS}
          />
          <NumberField
            label={text.tierPrice}
            value={price}
            onChange={(value) => set({ tiers: changed(tiers, key, { price: value }) })}
            max={AMOUNT_MAX}
            decimals={MONEY_DECIMALS}
            suffix={` ${currency}`}
          />
        </Row>
      ))}
    </Rows>
  );
}

export function PriceRows({ form, set, faults }: PlanFormProps) {
  const text = useText(planMessages).fields;
  const { specs } = useNames();
  const mountpoints = useMountpointNames();
  const { prices, currency } = form;
  return (
    <Rows
      title={text.prices}
      hint={text.pricesHint}
      fault={faults.has('prices') ? text.priceWrong : undefined}
      add={text.priceAdd}
      onAdd={() => set({ prices: [...prices, newPrice()] })}
    >
      {prices.map(({ key, specId, mountpoint, price }) => (
        <Row key={key} onRemove={() => set({ prices: prices.filter((one) => one.key !== key) })}>
          <Select
            label={text.spec}
            placeholder={text.any}
            data={specs.map(({ id, name }) => ({ value: id, label: name }))}
            value={specId || null}
            onChange={(id) => set({ prices: changed(prices, key, { specId: id ?? '' }) })}
            searchable
            clearable
          />
          <Select
            label={text.mountpoint}
            placeholder={text.any}
            data={[...new Set([...mountpoints, mountpoint])].filter(Boolean)}
            value={mountpoint || null}
            onChange={(name) => set({ prices: changed(prices, key, { mountpoint: name ?? '' }) })}
            searchable
            clearable
          />
          <NumberField
            label={text.price}
            value={price}
            onChange={(value) => set({ prices: changed(prices, key, { price: value }) })}
            max={AMOUNT_MAX}
            decimals={MONEY_DECIMALS}
            suffix={` ${currency}`}
          />
        </Row>
      ))}
    </Rows>
  );
}

interface RowsProps {
  readonly title: string;
  readonly hint: string;
  readonly fault: string | undefined;
  readonly add: string;
  readonly onAdd: () => void;
  readonly children: ReactNode;
}

function Rows({ title, hint, fault, add, onAdd, children }: RowsProps) {
  return (
    <Stack gap="xs" role="group" aria-label={title}>
      <Text size="sm">
        <Text span fw={500}>
          {title}
        </Text>{' '}
        <Text span size="xs" c="dimmed">
          {hint}
        </Text>
      </Text>
      {children}
      {fault !== undefined && (
        <Text size="sm" c="red" role="alert">
          {fault}
        </Text>
      )}
      <Group>
        <Button size="xs" variant="default" leftSection={<Icon name="plus" size={14} />} onClick={onAdd}>
          {add}
        </Button>
      </Group>
    </Stack>
  );
}

function Row({ onRemove, children }: { readonly onRemove: () => void; readonly children: ReactNode }) {
  const text = useText(planMessages).fields;
  return (
    <Group align="flex-end" gap="sm" grow preventGrowOverflow={false}>
      {children}
      <Button variant="subtle" color="gray" onClick={onRemove} flex="0 0 auto">
        {text.takeOut}
      </Button>
    </Group>
  );
}
