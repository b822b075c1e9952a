// One charge: what it is for, and how the plan made it of what was counted.

import { Anchor, Stack, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { Charge } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { countsMessages, useCountedUnits } from '../../parts/counted-units.ts';
import { Facts } from '../../parts/facts.tsx';
import { useNames } from '../../parts/names.ts';
import { Section } from '../../parts/section.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { kindText } from './kind-text.ts';
import { usageMessages } from './messages.ts';

export interface ChargeDrawerProps {
  /** Undefined: closed. */
  readonly charge: Charge | undefined;
  readonly onClose: () => void;
}

export function ChargeDrawer({ charge, onClose }: ChargeDrawerProps) {
  const formats = useFormats();
  return (
    <SideDrawer
      isOpen={charge !== undefined}
      onClose={onClose}
      title={charge && formats.money(charge.amountMicros, charge.currency)}
    >
      {charge !== undefined && <Opened charge={charge} />}
    </SideDrawer>
  );
}

function Opened({ charge }: { readonly charge: Charge }) {
  const all = useText(usageMessages);
  const text = all.charges;
  const { counts: countsTexts } = useText(countsMessages);
  const formats = useFormats();
  const names = useNames();
  const shown = useCountedUnits();
  const mayReadUsage = useMay('usage:read');
  const { counts, sessionId, billingPlanId, unitsBefore, unitsAfter } = charge;
  const units = (value: number): string => shown(counts, value);
  return (
    <Stack gap="lg">
      <Section title={text.how}>
        <Facts
          facts={[
            { name: all.filters.plan, value: charge.billingPlanName ?? billingPlanId },
            { name: text.kind, value: kindText(text.kinds, charge.kind) },
            { name: text.units, value: counts && `${units(charge.units)} · ${countsTexts[counts]}` },
            { name: text.period, value: charge.periodKey, isMono: true },
            { name: text.before, value: units(unitsBefore) },
            { name: text.after, value: units(unitsAfter) },
            { name: text.amount, value: formats.money(charge.amountMicros, charge.currency) },
          ]}
        />
        <Text size="sm">{text.rule(units(unitsAfter), units(unitsBefore))}</Text>
        {billingPlanId !== null && (
          <Anchor component={Link} href={`/plans?plan=${encodeURIComponent(billingPlanId)}`} size="sm">
            {text.plan}
          </Anchor>
        )}
        {sessionId !== null && mayReadUsage && (
          <Anchor
            component={Link}
            href={`/usage?period=30d&show=windows&session=${encodeURIComponent(sessionId)}`}
            size="sm"
          >
            {text.behind}
          </Anchor>
        )}
      </Section>
      <Section title={text.facts}>
        <Facts
          facts={[
            { name: text.at, value: formats.dateTime(charge.chargedAt) },
            { name: all.filters.customer, value: names.customer(charge.customerId) },
            { name: all.filters.app, value: names.app(charge.appId) },
            { name: all.filters.account, value: charge.account },
            { name: all.filters.device, value: charge.device },
            { name: all.filters.mountpoint, value: charge.mountpoint },
            { name: all.filters.spec, value: names.spec(charge.serviceSpecId) },
            { name: all.filters.session, value: sessionId, isMono: true },
            { name: all.window, value: charge.window === null ? null : formats.number(charge.window) },
            { name: text.id, value: charge.id, isMono: true },
          ]}
        />
      </Section>
    </Stack>
  );
}
