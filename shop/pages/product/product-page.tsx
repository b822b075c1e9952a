// One product for one vehicle: what it brings, what it costs, whether the vehicle's software is enough, and the order.

import { Alert, Button, Paper, Stack, Text } from '@mantine/core';
import { useLocation } from 'wouter';
import type { Product } from '../../../console/api/api-types.ts';
import { useChange, useRead } from '../../../console/api/queries.ts';
import { useFormats } from '../../../console/i18n/formats.ts';
import { useText } from '../../../console/i18n/messages.ts';
import { Facts } from '../../../console/parts/facts.tsx';
import { shopMessages } from '../../app/shop-messages.ts';
import { FunctionList } from '../../parts/function-list.tsx';
import { Loading } from '../../parts/loading.tsx';
import { LocalText, useName } from '../../parts/local-text.tsx';
import { Page } from '../../parts/page.tsx';
import { usePrice } from '../../parts/terms.ts';
import { Trouble } from '../../parts/trouble.tsx';
import { productMessages } from './messages.ts';
import { softwareFit, type SoftwareFit } from './software-fit.ts';

export interface ProductPageProps {
  readonly vehicleId: string;
  readonly productId: string;
}

export function ProductPage({ vehicleId, productId }: ProductPageProps) {
  const text = useText(productMessages);
  const { data, error, refetch } = useRead('GET /v1/products/{id}', { path: { id: productId } });
  const name = useName(data?.names ?? {}, data?.partNumber ?? text.title);
  return (
    <Page
      // Its name comes with it: the heading is told once.
      key={String(data === undefined)}
      title={name.text}
      language={name.lang}
      back={{ to: `/vehicles/${vehicleId}`, label: vehicleId }}
    >
      {data !== undefined && <ProductDetails vehicleId={vehicleId} product={data} />}
      {data === undefined &&
        (error === null ? <Loading /> : <Trouble error={error} retry={() => void refetch()} />)}
    </Page>
  );
}

function ProductDetails({ vehicleId, product }: { readonly vehicleId: string; readonly product: Product }) {
  const text = useText(productMessages);
  const shop = useText(shopMessages);
  const formats = useFormats();
  const price = usePrice();
  const { descriptions, priceMicros, currency, validSeconds, uses, partNumber, version } = product;
  const isDescribed = (descriptions.en ?? descriptions.zh ?? '') !== '';
  return (
    <Stack gap="lg">
      {isDescribed && (
        <Text className="shop-prose breakable">
          <LocalText texts={descriptions} />
        </Text>
      )}
      <Paper withBorder p="md">
        <Facts
          facts={[
            { name: text.price, value: <strong>{price(priceMicros, currency)}</strong> },
            {
              name: text.valid,
              value: validSeconds === null ? shop.forGood : formats.duration(validSeconds),
            },
            { name: text.often, value: uses === null ? shop.unlimited : shop.uses(formats.number(uses)) },
            { name: text.for, value: vehicleId, isMono: true },
            { name: text.part, value: `${partNumber} ${version}`, isMono: true },
          ]}
        />
      </Paper>
      <FunctionList product={product} />
      <Fit vehicleId={vehicleId} product={product} />
      <Order vehicleId={vehicleId} product={product} />
    </Stack>
  );
}

function Fit({ vehicleId, product }: { readonly vehicleId: string; readonly product: Product }) {
  const text = useText(productMessages);
  const { data } = useRead('GET /v1/drivers/me/vehicles', {});
  if (data === undefined) return null;
  const vehicle = data.data.find(({ id, state }) => id === vehicleId && state === 'active');
  const fit = softwareFit(vehicle?.installed ?? null, product);
  return (
    <Alert variant="light" color={fit.kind === 'above' ? 'orange' : 'blue'} title={text.software}>
      <Text size="sm">{wordsOf(fit, product.version, text.fits)}</Text>
    </Alert>
  );
}

type FitWords = (typeof productMessages)['en']['fits'];

function wordsOf(fit: SoftwareFit, wanted: string, words: FitWords): string {
  switch (fit.kind) {
    case 'enough':
      return words.enough(fit.installed);
    case 'update':
      return words.update(wanted, fit.installed);
    case 'missing':
      return words.missing(wanted);
    case 'above':
      return words.above(wanted, fit.installed);
    case 'unknown':
      return words.unknown(wanted);
  }
}

function Order({ vehicleId, product }: { readonly vehicleId: string; readonly product: Product }) {
  const text = useText(productMessages);
  const [, navigate] = useLocation();
  const order = useChange('POST /v1/orders', ['/v1/orders', '/v1/entitlements']);
  const isFree = product.priceMicros === 0;
  const buy = (): void =>
    order.mutate(
      { body: { productId: product.id, vehicleId } },
      { onSuccess: ({ id }) => navigate(`/orders/${id}`) },
    );
  return (
    <Stack gap="xs">
      {order.error !== null && <Trouble error={order.error} />}
      <Button size="lg" onClick={buy} loading={order.isPending}>
        {isFree ? text.orderFree : text.order}
      </Button>
      <Text size="sm" c="dimmed">
        {isFree ? text.noteFree : text.note}
      </Text>
    </Stack>
  );
}
