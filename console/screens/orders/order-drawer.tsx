// One order: how far it has come, what was ordered, everything that happened to it, its receipt, and its end.

import { Anchor, Button, Group, Stack } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import type { Order, OrderProgress } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useChange, useRead } from '../../api/queries.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { Facts } from '../../parts/facts.tsx';
import { StateTag } from '../../parts/licence-states.tsx';
import { useProductWords } from '../../parts/product-words.ts';
import { Section } from '../../parts/section.tsx';
import { Tag, type TagColor } from '../../parts/tag.tsx';
import { ThingDrawer } from '../../parts/thing-drawer.tsx';
import { useFresh } from '../../api/use-fresh.ts';
import { orderMessages } from './messages.ts';
import { OrderTimeline } from './order-timeline.tsx';
import { Receipt } from './receipt.tsx';

const REFRESH_MS = 3000;
const EVENTS = ['order_', 'payment_', 'refund_', 'entitlement_', 'grant_', 'package_', 'software_'];
const STALE = ['/v1/orders/'];

export interface OrderDrawerProps {
  /** Empty: closed. */
  readonly id: string;
  readonly onClose: () => void;
}

export function OrderDrawer({ id, onClose }: OrderDrawerProps) {
  const words = useProductWords();
  const found = useRead(
    'GET /v1/orders/{id}/progress',
    { path: { id } },
    { enabled: id !== '', everyMs: REFRESH_MS },
  );
  useFresh(EVENTS, STALE);
  return (
    <ThingDrawer
      id={id}
      found={{ data: found.data, error: found.error }}
      idOf={({ order }) => order.id}
      titleOf={({ order }) => words.name(order.product.names)}
      onClose={onClose}
    >
      {(progress) => <Opened progress={progress} />}
    </ThingDrawer>
  );
}

const STAGE_COLORS: Readonly<Record<OrderProgress['stage'], TagColor>> = {
  ...{ to_pay: 'blue', paid: 'blue', on_its_way: 'blue', waits_for_package: 'yellow' },
  ...{ activated: 'green', refused: 'red', rests: 'orange', over: 'gray' },
};

function Opened({ progress: { order, stage, timeline } }: { readonly progress: OrderProgress }) {
  const text = useText(orderMessages);
  return (
    <Stack gap="lg">
      <Links order={order} />
      <OrderFacts order={order} stage={<Tag color={STAGE_COLORS[stage]}>{text.stages[stage]}</Tag>} />
      <Section title={text.timeline}>
        <OrderTimeline entries={timeline} />
      </Section>
      {order.paidAt !== null && (
        <Section title={text.receipt.title}>
          <Receipt orderId={order.id} />
        </Section>
      )}
      <Ending order={order} />
    </Stack>
  );
}

/** To what belongs to it, for whoever may see that. */
function Links({ order: { vehicleId, productId, entitlementId } }: { readonly order: Order }) {
  const text = useText(orderMessages);
  const [vehicles, products, entitlements] = [
    useMay('vehicles:read'),
    useMay('products:read'),
    useMay('entitlements:read'),
  ];
  const link = (to: string, label: string) => (
    <Anchor component={Link} href={to} size="sm">
      {label}
    </Anchor>
  );
  return (
    <Group gap="md">
      {vehicles && link(`/vehicles?vehicle=${encodeURIComponent(vehicleId)}`, text.toVehicle)}
      {products && link(`/products?product=${encodeURIComponent(productId)}`, text.toProduct)}
      {entitlements &&
        entitlementId !== null &&
        link(`/entitlements?entitlement=${encodeURIComponent(entitlementId)}`, text.toEntitlement)}
    </Group>
  );
}

function OrderFacts({ order, stage }: { readonly order: Order; readonly stage: ReactNode }) {
  const text = useText(orderMessages);
  const formats = useFormats();
  const words = useProductWords();
  const { product } = order;
  return (
    <Facts
      facts={[
        { name: text.stage, value: stage },
        { name: text.columns.state, value: <StateTag of="order" state={order.state} /> },
        { name: text.columns.vehicle, value: order.vehicleId, isMono: true },
        { name: text.columns.amount, value: words.price(order.amountMicros, order.currency) },
        { name: text.part, value: product.partNumber, isMono: true },
        { name: text.version, value: words.version(product.version, product.versionRule) },
        { name: text.functions, value: product.functions.map(({ names }) => words.name(names)).join(', ') },
        { name: text.lasts, value: words.lasts(product.validSeconds) },
        { name: text.uses, value: words.uses(product.uses) },
        { name: text.driver, value: order.driverId, isMono: true },
        { name: text.columns.created, value: formats.dateTime(order.createdAt) },
        {
          name: text.payUntil,
          value: order.state === 'pending' && formats.dateTime(order.expiresAt),
        },
        { name: text.id, value: order.id, isMono: true },
      ]}
    />
  );
}

/** An order that is not paid is cancelled; one that is paid is refunded. */
function Ending({ order: { id, state, product, vehicleId } }: { readonly order: Order }) {
  const text = useText(orderMessages);
  const words = useProductWords();
  const [mayCancel, mayRefund] = [useMay('orders:write'), useMay('orders:refund')];
  const touches = ['/v1/orders', '/v1/entitlements'];
  const cancel = useChange('POST /v1/orders/{id}/cancel', touches);
  const refund = useChange('POST /v1/orders/{id}/refund', touches);
  const [asked, setAsked] = useState<'cancel' | 'refund'>();
  const close = (): void => setAsked(undefined);
  const change = asked === 'cancel' ? cancel : refund;
  return (
    <div>
      {mayCancel && state === 'pending' && (
        <Button color="red" variant="light" onClick={() => setAsked('cancel')}>
          {text.cancel.action}
        </Button>
      )}
      {mayRefund && (state === 'paid' || state === 'disputed') && (
        <Button color="red" variant="light" onClick={() => setAsked('refund')}>
          {text.refund.action}
        </Button>
      )}
      {asked !== undefined && (
        <ConfirmDialog
          isOpen
          onClose={close}
          title={text[asked].title}
          words={text[asked].words(words.name(product.names))}
          action={text[asked].action}
          name={vehicleId}
          isWorking={change.isPending}
          error={change.error}
          onConfirm={() => change.mutate({ path: { id } }, { onSuccess: close })}
        />
      )}
    </div>
  );
}
