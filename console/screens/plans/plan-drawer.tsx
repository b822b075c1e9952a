// One billing plan: what it says, what a month would cost, its change and its end.

import { Anchor, Button, Group, Stack, Table } from '@mantine/core';
import { useMemo } from 'react';
import { Link } from 'wouter';
import type { BillingPlan } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useRead } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { countsMessages } from '../../parts/counted-units.ts';
import { Facts } from '../../parts/facts.tsx';
import { useNames } from '../../parts/names.ts';
import { RemoveThing } from '../../parts/remove-thing.tsx';
import { Section } from '../../parts/section.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { planMessages } from './messages.ts';
import { PlanDialog } from './plan-dialog.tsx';
import { contentOf, formOf } from './plan-form.ts';
import { PlanPreview } from './plan-preview.tsx';
import { usePlanWords } from './plan-words.ts';

export interface PlanDrawerProps {
  /** Empty: closed. */
  readonly id: string;
  readonly isEditing: boolean;
  readonly onEdit: () => void;
  readonly onEdited: () => void;
  readonly onClose: () => void;
}

export function PlanDrawer({ id, isEditing, onEdit, onEdited, onClose }: PlanDrawerProps) {
  const found = useRead('GET /v1/billing-plans/{id}', { path: { id } }, { enabled: id !== '' });
  const plan = found.data?.id === id ? found.data : undefined;
  return (
    <>
      <SideDrawer isOpen={id !== ''} onClose={onClose} title={plan?.name} error={found.error}>
        {plan !== undefined && <Opened plan={plan} onEdit={onEdit} onRemoved={onClose} />}
      </SideDrawer>
      <PlanDialog
        isOpen={isEditing && plan !== undefined}
        changed={plan}
        onClose={onEdited}
        onSaved={onEdited}
      />
    </>
  );
}

interface OpenedProps {
  readonly plan: BillingPlan;
  readonly onEdit: () => void;
  readonly onRemoved: () => void;
}

function Opened({ plan, onEdit, onRemoved }: OpenedProps) {
  const text = useText(planMessages);
  const common = useText(commonMessages);
  const mayWrite = useMay('plans:write');
  const mayReadCharges = useMay('charges:read');
  const content = useMemo(() => contentOf(formOf(plan)), [plan]);
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        {mayReadCharges ? (
          <Anchor component={Link} href={`/usage?tab=charges&plan=${encodeURIComponent(plan.id)}`} size="sm">
            {text.usage}
          </Anchor>
        ) : (
          <span />
        )}
        {mayWrite && (
          <Button size="xs" variant="default" onClick={onEdit}>
            {common.change}
          </Button>
        )}
      </Group>
      <Section title={text.facts}>
        <PlanFacts plan={plan} />
      </Section>
      <Section title={text.preview.title}>
        <PlanPreview plan={content} />
      </Section>
      {mayWrite && (
        <RemoveThing
          operation="DELETE /v1/billing-plans/{id}"
          touches="/v1/billing-plans"
          thing={plan}
          text={text}
          onRemoved={onRemoved}
        />
      )}
    </Stack>
  );
}

function PlanFacts({ plan }: { readonly plan: BillingPlan }) {
  const text = useText(planMessages);
  const { counts } = useText(countsMessages);
  const formats = useFormats();
  const names = useNames();
  const words = usePlanWords();
  const money = (micros: number | null): string | null =>
    micros === null ? null : formats.money(micros, plan.currency);
  const runsOut = plan.mode === 'prepaid' || plan.creditLimitMicros !== null;
  return (
    <>
      <Facts
        facts={[
          { name: text.columns.customer, value: names.customer(plan.customerId) ?? text.operator },
          { name: text.fields.counts, value: counts[plan.counts] },
          { name: text.columns.price, value: words.price(plan) },
          { name: text.columns.included, value: words.included(plan) },
          { name: text.fields.period, value: plan.period && text.fields.periods[plan.period] },
          { name: text.fields.timeZone, value: plan.timeZone },
          { name: text.columns.mode, value: text.mode[plan.mode] },
          { name: text.fields.creditLimit, value: money(plan.creditLimitMicros) },
          { name: text.fields.atZero, value: runsOut && text.atZero[plan.atZero] },
          { name: text.fields.lowBalance, value: money(plan.lowBalanceMicros) },
          {
            name: text.columns.validity,
            value: plan.validityDays && text.days(formats.number(plan.validityDays)),
          },
          { name: text.created, value: formats.dateTime(plan.createdAt) },
          { name: text.changed, value: formats.dateTime(plan.updatedAt) },
        ]}
      />
      {plan.tiers.length > 0 && (
        <PriceTable
          label={text.fields.tiers}
          rows={plan.tiers.map(({ from, priceMicros }) => [
            words.units(plan.counts, from),
            words.price(plan, priceMicros),
          ])}
        />
      )}
      {plan.prices.length > 0 && (
        <PriceTable
          label={text.fields.prices}
          rows={plan.prices.map(({ serviceSpecId = null, mountpoint, priceMicros }) => [
            [names.spec(serviceSpecId), mountpoint].filter(Boolean).join(' · '),
            words.price(plan, priceMicros),
          ])}
        />
      )}
    </>
  );
}

interface PriceTableProps {
  readonly label: string;
  readonly rows: readonly (readonly [string, string])[];
}

function PriceTable({ label, rows }: PriceTableProps) {
  const text = useText(planMessages);
  return (
    <Table aria-label={label}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{label}</Table.Th>
          <Table.Th ta="right">{text.columns.price}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody className="tabular">
        {rows.map(([what, price]) => (
          <Table.Tr key={what}>
            <Table.Td>{what}</Table.Td>
            <Table.Td ta="right">{price}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
