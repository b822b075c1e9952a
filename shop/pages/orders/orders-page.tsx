// All orders of the driver, the latest first.

import { Button, Stack, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { Order } from '../../../console/api/api-types.ts';
import { useList } from '../../../console/api/queries.ts';
import { useFormats } from '../../../console/i18n/formats.ts';
import { useText } from '../../../console/i18n/messages.ts';
import { EmptyState } from '../../../console/parts/empty-state.tsx';
import { Loading } from '../../parts/loading.tsx';
import { LocalText } from '../../parts/local-text.tsx';
import { More } from '../../parts/more.tsx';
import { OrderTag } from '../../parts/order-tag.tsx';
import { Page } from '../../parts/page.tsx';
import { usePrice } from '../../parts/terms.ts';
import { Trouble } from '../../parts/trouble.tsx';
import { ordersMessages } from './messages.ts';

export function OrdersPage() {
  const text = useText(ordersMessages);
  return (
    <Page title={text.title}>
      <Orders />
    </Page>
  );
}

function Orders() {
  const text = useText(ordersMessages);
  const list = useList('GET /v1/orders', { query: {} });
  if (list.error !== null) return <Trouble error={list.error} />;
  if (list.isLoading) return <Loading />;
  if (list.rows.length === 0)
    return (
      <EmptyState title={text.emptyTitle} words={text.emptyWords}>
        <Button component={Link} href="/">
          {text.toVehicles}
        </Button>
      </EmptyState>
    );
  return (
    <Stack gap="sm">
      <ul className="shop-list">
        {list.rows.map((order) => (
          <li key={order.id}>
            <OrderCard order={order} />
          </li>
        ))}
      </ul>
      <More list={list} />
    </Stack>
  );
}

function OrderCard({ order }: { readonly order: Order }) {
  const text = useText(ordersMessages);
  const formats = useFormats();
  const price = usePrice();
  return (
    <Link href={`/orders/${order.id}`} className="shop-card">
      <span className="shop-card-row">
        <strong className="breakable">
          <LocalText texts={order.product.names} />
        </strong>
        <span className="shop-price">{price(order.amountMicros, order.currency)}</span>
      </span>
      <span className="shop-card-row">
        <Text component="span" size="sm" c="dimmed">
          {text.ordered(formats.zonedDateTime(order.createdAt))}
        </Text>
        <OrderTag state={order.state} />
      </span>
      <Text component="span" size="sm" c="dimmed" className="mono">
        {order.vehicleId}
      </Text>
    </Link>
  );
}
