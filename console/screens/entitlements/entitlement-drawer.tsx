// One entitlement: what it gives, what happened to it, the grants that told the vehicle, and its suspension or end.

import { Anchor, Group, Stack } from '@mantine/core';
import { Link } from 'wouter';
import type { Entitlement } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useList, useRead } from '../../api/queries.ts';
import { useFresh } from '../../api/use-fresh.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { Facts } from '../../parts/facts.tsx';
import { GrantRows } from '../../parts/grant-rows.tsx';
import { StateTag } from '../../parts/licence-states.tsx';
import { useProductWords } from '../../parts/product-words.ts';
import { RightUntil } from '../../parts/right-until.tsx';
import { RowsTable } from '../../parts/rows-table.tsx';
import { Section } from '../../parts/section.tsx';
import { ThingDrawer } from '../../parts/thing-drawer.tsx';
import { useTimelineWords } from '../../parts/timeline-words.ts';
import { EntitlementSteps } from './entitlement-steps.tsx';
import { entitlementMessages } from './messages.ts';

const REFRESH_MS = 5000;
const EVENTS = ['entitlement_', 'grant_', 'uses_'];
const STALE = ['/v1/entitlements/', '/v1/grants'];

export interface EntitlementDrawerProps {
  /** Empty: closed. */
  readonly id: string;
  readonly onClose: () => void;
}

export function EntitlementDrawer({ id, onClose }: EntitlementDrawerProps) {
  const found = useRead(
    'GET /v1/entitlements/{id}',
    { path: { id } },
    { enabled: id !== '', everyMs: REFRESH_MS },
  );
  useFresh(EVENTS, STALE);
  return (
    <ThingDrawer
      id={id}
      found={{ data: found.data, error: found.error }}
      idOf={(entitlement) => entitlement.id}
      titleOf={({ partNumber, vehicleId }) => `${partNumber} · ${vehicleId}`}
      onClose={onClose}
    >
      {(entitlement) => <Opened entitlement={entitlement} />}
    </ThingDrawer>
  );
}

function Opened({ entitlement }: { readonly entitlement: Entitlement }) {
  const text = useText(entitlementMessages);
  const [mayChange, mayReadVehicles] = [useMay('entitlements:write'), useMay('vehicles:read')];
  const { id } = entitlement;
  return (
    <Stack gap="lg">
      <Links entitlement={entitlement} />
      <EntitlementFacts entitlement={entitlement} />
      {mayChange && <EntitlementSteps entitlement={entitlement} />}
      <Section title={text.history}>
        <History id={id} />
      </Section>
      {mayReadVehicles && (
        <Section title={text.grants}>
          <GrantRows query={{ entitlementId: id }} />
        </Section>
      )}
    </Stack>
  );
}

function Links({ entitlement: { vehicleId, orderId, productId } }: { readonly entitlement: Entitlement }) {
  const text = useText(entitlementMessages);
  const [vehicles, orders, products] = [
    useMay('vehicles:read'),
    useMay('orders:read'),
    useMay('products:read'),
  ];
  const link = (to: string, label: string) => (
    <Anchor component={Link} href={to} size="sm">
      {label}
    </Anchor>
  );
  return (
    <Group gap="md">
      {vehicles && link(`/vehicles?vehicle=${encodeURIComponent(vehicleId)}`, text.toVehicle)}
      {orders && orderId !== null && link(`/orders?order=${encodeURIComponent(orderId)}`, text.toOrder)}
      {products &&
        productId !== null &&
        link(`/products?product=${encodeURIComponent(productId)}`, text.toProduct)}
    </Group>
  );
}

function EntitlementFacts({ entitlement }: { readonly entitlement: Entitlement }) {
  const text = useText(entitlementMessages);
  const formats = useFormats();
  const words = useProductWords();
  const { startsAt, endsAt, uses, usesLeft } = entitlement;
  return (
    <Facts
      facts={[
        { name: text.columns.state, value: <StateTag of="entitlement" state={entitlement.state} /> },
        { name: text.columns.vehicle, value: entitlement.vehicleId, isMono: true },
        { name: text.part, value: entitlement.partNumber, isMono: true },
        { name: text.version, value: words.version(entitlement.version, entitlement.versionRule) },
        { name: text.functions, value: entitlement.functions.join(', '), isMono: true },
        { name: text.lasts, value: words.lasts(entitlement.validSeconds) },
        { name: text.starts, value: startsAt !== null && formats.dateTime(startsAt) },
        { name: text.ends, value: endsAt !== null && formats.dateTime(endsAt) },
        { name: text.columns.until, value: <RightUntil entitlement={entitlement} isInline /> },
        {
          name: text.uses,
          value:
            uses === null || usesLeft === null
              ? words.uses(uses)
              : text.usesLeft(formats.number(usesLeft), formats.number(uses)),
        },
        { name: text.correctionApp, value: entitlement.correctionAppId, isMono: true },
        { name: text.gift, value: entitlement.giftReference, isMono: true },
        { name: text.replacedBy, value: entitlement.replacedBy, isMono: true },
        { name: text.id, value: entitlement.id, isMono: true },
      ]}
    />
  );
}

function History({ id }: { readonly id: string }) {
  const text = useText(entitlementMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const wordsOf = useTimelineWords();
  const list = useList(
    'GET /v1/entitlements/{id}/history',
    { path: { id }, query: {} },
    { everyMs: REFRESH_MS },
  );
  return (
    <RowsTable
      label={text.history}
      list={list}
      keyOf={(change) => change.id}
      none={common.none}
      columns={[
        { title: text.at, cell: ({ at }) => formats.dateTime(at) },
        { title: text.what, cell: ({ change }) => wordsOf('entitlement', change) },
        { title: text.columns.state, cell: ({ state }) => <StateTag of="entitlement" state={state} /> },
        { title: text.actor, cell: ({ actor }) => actor, isMono: true },
        { title: text.reason, cell: ({ reason }) => reason },
      ]}
    />
  );
}
