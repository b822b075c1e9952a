// What can be bought for the vehicle, each with its price and how long it is good.

import { Stack, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { Product } from '../../../console/api/api-types.ts';
import { useList } from '../../../console/api/queries.ts';
import { useText } from '../../../console/i18n/messages.ts';
import { Loading } from '../../parts/loading.tsx';
import { LocalText } from '../../parts/local-text.tsx';
import { More } from '../../parts/more.tsx';
import { usePrice, useTerms } from '../../parts/terms.ts';
import { Trouble } from '../../parts/trouble.tsx';
import { vehicleMessages } from './messages.ts';

export function Products({ vehicleId }: { readonly vehicleId: string }) {
  const text = useText(vehicleMessages);
  const list = useList('GET /v1/products', { query: { vehicleId } });
  if (list.error !== null) return <Trouble error={list.error} />;
  if (list.isLoading) return <Loading />;
  if (list.rows.length === 0 && !list.hasMore) return <Text c="dimmed">{text.noProducts}</Text>;
  return (
    <Stack gap="sm">
      <ul className="shop-list">
        {list.rows.map((product) => (
          <li key={product.id}>
            <ProductCard vehicleId={vehicleId} product={product} />
          </li>
        ))}
      </ul>
      <More list={list} />
    </Stack>
  );
}

function ProductCard({ vehicleId, product }: { readonly vehicleId: string; readonly product: Product }) {
  const price = usePrice();
  const terms = useTerms(product);
  return (
    <Link href={`/vehicles/${vehicleId}/products/${product.id}`} className="shop-card">
      <span className="shop-card-row">
        <strong className="breakable">
          <LocalText texts={product.names} />
        </strong>
        <span className="shop-price">{price(product.priceMicros, product.currency)}</span>
      </span>
      <Text component="span" size="sm" c="dimmed">
        {terms}
      </Text>
    </Link>
  );
}
