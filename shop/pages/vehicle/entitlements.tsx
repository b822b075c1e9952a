// What the vehicle may do now and later, with what is left of it, and what it once could.

import { Stack, Text } from '@mantine/core';
import type { Entitlement } from '../../../console/api/api-types.ts';
import { useList } from '../../../console/api/queries.ts';
import { useText } from '../../../console/i18n/messages.ts';
import { Loading } from '../../parts/loading.tsx';
import { More } from '../../parts/more.tsx';
import { Trouble } from '../../parts/trouble.tsx';
import { EntitlementCard } from './entitlement-card.tsx';
import { isOver, ordered } from './entitlement-order.ts';
import { vehicleMessages } from './messages.ts';

/** Uses are told by the vehicle a moment after they are made. */
const EVERY_MS = 5000;

export function Entitlements({ vehicleId }: { readonly vehicleId: string }) {
  const text = useText(vehicleMessages);
  const list = useList('GET /v1/entitlements', { query: { vehicleId } }, { everyMs: EVERY_MS });
  // By which rights have their names.
  const orders = useList('GET /v1/orders', { query: { vehicleId } });
  const products = useList('GET /v1/products', { query: { vehicleId } });
  if (list.error !== null) return <Trouble error={list.error} />;
  if (list.isLoading) return <Loading />;
  const over = list.rows.filter(isOver);
  const rest = ordered(list.rows.filter((one) => !isOver(one)));
  const card = (entitlement: Entitlement) => {
    const order = orders.rows.find(({ id }) => id === entitlement.orderId);
    const product = order?.product ?? products.rows.find(({ id }) => id === entitlement.productId);
    return (
      <li key={entitlement.id}>
        <EntitlementCard entitlement={entitlement} product={product} orderId={order?.id} />
      </li>
    );
  };
  return (
    <Stack gap="sm">
      {rest.length === 0 ? (
        <Text c="dimmed">{text.noRights}</Text>
      ) : (
        <ul className="shop-list">{rest.map(card)}</ul>
      )}
      {over.length > 0 && (
        <details className="shop-details">
          <summary>{text.ended}</summary>
          <ul className="shop-list">{over.map(card)}</ul>
        </details>
      )}
      <More list={list} />
    </Stack>
  );
}
