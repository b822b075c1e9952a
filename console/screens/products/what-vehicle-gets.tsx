// What a vehicle gets with a product, as its driver will have it: of one that is there, and of one that is being made.

import { List, Stack } from '@mantine/core';
import { useRead } from '../../api/queries.ts';
import { useMay } from '../../api/caller.ts';
import type { Product } from '../../api/api-types.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useText } from '../../i18n/messages.ts';
import { Facts } from '../../parts/facts.tsx';
import { useProductWords } from '../../parts/product-words.ts';
import { productMessages } from './messages.ts';

export type ProductContent = Pick<
  Product,
  'partNumber' | 'version' | 'versionRule' | 'validSeconds' | 'uses' | 'correction' | 'vinPrefixes'
> & {
  readonly functions: readonly {
    readonly id: string;
    readonly names: Product['names'];
    readonly isFree?: boolean;
  }[];
};

export function WhatVehicleGets({ product }: { readonly product: ProductContent }) {
  const text = useText(productMessages).gets;
  const common = useText(commonMessages);
  const words = useProductWords();
  const app = useAppName(product.correction?.appId);
  const { functions, vinPrefixes } = product;
  const listed = (isFree: boolean) => {
    const some = functions.filter((one) => (one.isFree ?? false) === isFree);
    return (
      some.length > 0 && (
        <List size="sm" spacing={2}>
          {some.map(({ id, names }, index) => (
            <List.Item key={`${id} ${index}`}>
              {words.name(names)} <span className="mono">{id}</span>
            </List.Item>
          ))}
        </List>
      )
    );
  };
  return (
    <Stack gap="xs">
      <Facts
        facts={[
          { name: text.part, value: product.partNumber || common.none, isMono: true },
          { name: text.version, value: words.version(product.version || common.none, product.versionRule) },
          { name: text.functions, value: listed(false) || text.noFunction },
          { name: text.free, value: listed(true) },
          { name: text.lasts, value: words.lasts(product.validSeconds) },
          { name: text.uses, value: words.uses(product.uses) },
          { name: text.correction, value: app ?? text.noCorrection },
          {
            name: text.vehicles,
            value: vinPrefixes.length === 0 ? text.allVehicles : text.beginWith(vinPrefixes.join(', ')),
          },
        ]}
      />
    </Stack>
  );
}

/** Its id where the name may not be read. */
function useAppName(id: string | undefined): string | undefined {
  const mayRead = useMay('apps:read');
  const found = useRead(
    'GET /v1/apps/{id}',
    { path: { id: id ?? '' } },
    { enabled: id !== undefined && mayRead },
  );
  return found.data?.id === id ? found.data?.name : id;
}
