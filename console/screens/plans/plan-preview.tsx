// What a month of a fleet would cost, as the server reckons it by the rules of charging.

import { SimpleGrid, Stack, Table, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { BillingPlanToPreviewInput } from '../../api/api-types.ts';
import { useRead } from '../../api/queries.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { useCountedUnits } from '../../parts/counted-units.ts';
import { NumberField } from '../../parts/number-field.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { planMessages } from './messages.ts';

type Plan = BillingPlanToPreviewInput['plan'];

const TYPING_MS = 250;
const ROVERS_MAX = 1_000_000;
const BYTES_MAX = 1_000_000;
const SECONDS_MAX = 3600;
const MONTH_LENGTH = '2026-11'.length;

interface Use {
  readonly month: string;
  readonly rovers: number | '';
  readonly hours: number | '';
  readonly bytes: number | '';
  readonly intervalS: number | '';
}

/** Ten rovers through a working day, with the usual four constellations at MSM4. */
const USUAL = { rovers: 10, hours: 8, bytes: 600, intervalS: 1 } as const;

function inputOf(plan: Plan, { month, rovers, hours, bytes, intervalS }: Use): BillingPlanToPreviewInput {
  return {
    plan,
    ...(/^\d{4}-\d{2}$/.test(month) ? { month } : {}),
    use: {
      ...{ rovers: rovers || 1, hoursPerDay: Number(hours), bytesPerSecond: Number(bytes) },
      epochsPerSecond: 1 / (intervalS || 1),
    },
  };
}

export function PlanPreview({ plan }: { readonly plan: Plan }) {
  const text = useText(planMessages).preview;
  const [use, setUse] = useState<Use>(() => ({
    ...USUAL,
    month: new Date().toISOString().slice(0, MONTH_LENGTH),
  }));
  const set = (part: Partial<Use>): void => setUse((before) => ({ ...before, ...part }));
  const [asked] = useDebouncedValue(inputOf(plan, use), TYPING_MS);
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {text.words}
      </Text>
      <SimpleGrid cols={{ base: 2, sm: 3 }}>
        <TextInput
          label={text.month}
          type="month"
          value={use.month}
          onChange={(event) => set({ month: event.currentTarget.value })}
        />
        <NumberField
          label={text.rovers}
          value={use.rovers}
          onChange={(rovers) => set({ rovers })}
          min={1}
          max={ROVERS_MAX}
        />
        {plan.counts !== 'period' && (
          <NumberField
            label={text.hours}
            value={use.hours}
            onChange={(hours) => set({ hours })}
            max={24}
            decimals={2}
          />
        )}
        {plan.counts === 'bytes' && (
          <NumberField
            label={text.bytes}
            value={use.bytes}
            onChange={(bytes) => set({ bytes })}
            max={BYTES_MAX}
          />
        )}
        {plan.counts === 'epochs' && (
          <NumberField
            label={text.interval}
            value={use.intervalS}
            onChange={(intervalS) => set({ intervalS })}
            min={1}
            max={SECONDS_MAX}
          />
        )}
      </SimpleGrid>
      <Previewed asked={asked} />
    </Stack>
  );
}

function Previewed({ asked }: { readonly asked: BillingPlanToPreviewInput }) {
  const text = useText(planMessages).preview;
  const formats = useFormats();
  const units = useCountedUnits();
  const found = useRead('POST /v1/billing-plans/preview', { body: asked });
  if (found.error !== null) return <ProblemBox error={found.error} />;
  if (found.data === undefined) return null;
  const { month, timeZone, currency, amountMicros, periods } = found.data;
  const { counts } = asked.plan;
  const each = String(BigInt(amountMicros) / BigInt(asked.use.rovers));
  return (
    <Stack gap="xs">
      <div role="status">
        <Text size="sm" c="dimmed">
          {text.total(month, timeZone)}
        </Text>
        <div className="figure-value">{formats.money(amountMicros, currency)}</div>
        <Text size="sm" c="dimmed">
          {`${text.each(formats.money(each, currency))} · ${text.units(units(counts, found.data.units))}`}
        </Text>
      </div>
      {periods.length > 1 && (
        <Table aria-label={text.title}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{text.period}</Table.Th>
              <Table.Th ta="right">{text.used}</Table.Th>
              <Table.Th ta="right">{text.amount}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody className="tabular">
            {periods.map((period) => (
              <Table.Tr key={period.periodKey}>
                <Table.Td>{period.periodKey}</Table.Td>
                <Table.Td ta="right">{units(counts, period.units)}</Table.Td>
                <Table.Td ta="right">{formats.money(period.amountMicros, currency)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}
