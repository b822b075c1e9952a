// The functions of a product: those that it brings, and those that the vehicle has free of charge.

import { Stack, Title } from '@mantine/core';
import type { OrderedProduct } from '../../console/api/api-types.ts';
import { useText } from '../../console/i18n/messages.ts';
import { Icon } from '../../console/parts/icon.tsx';
import { shopMessages } from '../app/shop-messages.ts';
import { LocalText } from './local-text.tsx';

export function FunctionList({
  product,
}: {
  readonly product: Pick<OrderedProduct, 'functions' | 'correction'>;
}) {
  const text = useText(shopMessages);
  const paid = product.functions.filter(({ isFree }) => !isFree);
  const free = product.functions.filter(({ isFree }) => isFree);
  return (
    <Stack gap="xs">
      {(paid.length > 0 || product.correction !== null) && (
        <section>
          <Title order={2} size="h5">
            {text.functions}
          </Title>
          <ul className="shop-functions">
            {paid.map((one) => (
              <li key={one.id}>
                <Icon name="check" />
                <LocalText texts={one.names} />
              </li>
            ))}
            {product.correction !== null && (
              <li>
                <Icon name="check" />
                {text.corrections}
              </li>
            )}
          </ul>
        </section>
      )}
      {free.length > 0 && (
        <section>
          <Title order={2} size="h5">
            {text.freeFunctions}
          </Title>
          <ul className="shop-functions is-free">
            {free.map((one) => (
              <li key={one.id}>
                <LocalText texts={one.names} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </Stack>
  );
}
