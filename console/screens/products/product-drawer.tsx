// One product: what the vehicle gets, its price, its change, and whether it is sold.

import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Product } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useChange, useRead } from '../../api/queries.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { ChangeHistory } from '../../parts/change-history.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { Facts } from '../../parts/facts.tsx';
import { StateTag } from '../../parts/licence-states.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { useProductWords } from '../../parts/product-words.ts';
import { Section } from '../../parts/section.tsx';
import { ThingDrawer } from '../../parts/thing-drawer.tsx';
import { productMessages } from './messages.ts';
import { ProductDialog } from './product-dialog.tsx';
import { WhatVehicleGets } from './what-vehicle-gets.tsx';

export interface ProductDrawerProps {
  /** Empty: closed. */
  readonly id: string;
  readonly isEditing: boolean;
  readonly onEdit: () => void;
  readonly onEdited: () => void;
  readonly onClose: () => void;
}

export function ProductDrawer({ id, isEditing, onEdit, onEdited, onClose }: ProductDrawerProps) {
  const words = useProductWords();
  const found = useRead('GET /v1/products/{id}', { path: { id } }, { enabled: id !== '' });
  return (
    <>
      <ThingDrawer
        id={id}
        found={{ data: found.data, error: found.error }}
        idOf={(product) => product.id}
        titleOf={({ names }) => words.name(names)}
        onClose={onClose}
      >
        {(product) => <Opened product={product} onEdit={onEdit} />}
      </ThingDrawer>
      <ProductDialog
        isOpen={isEditing && found.data?.id === id}
        changed={found.data}
        onClose={onEdited}
        onSaved={onEdited}
      />
    </>
  );
}

interface OpenedProps {
  readonly product: Product;
  readonly onEdit: () => void;
}

function Opened({ product, onEdit }: OpenedProps) {
  const text = useText(productMessages);
  const formats = useFormats();
  const words = useProductWords();
  const mayWrite = useMay('products:write');
  const mayReadOrders = useMay('orders:read');
  const { id, names, descriptions, status } = product;
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        {mayReadOrders ? (
          <Anchor component={Link} href={`/orders?product=${encodeURIComponent(id)}`} size="sm">
            {text.orders}
          </Anchor>
        ) : (
          <span />
        )}
        {mayWrite && (
          <Button size="xs" variant="default" onClick={onEdit}>
            {text.edit}
          </Button>
        )}
      </Group>
      <Facts
        facts={[
          { name: text.columns.state, value: <StateTag of="product" state={status} /> },
          { name: text.columns.price, value: words.price(product.priceMicros, product.currency) },
          { name: text.nameEn, value: names.en },
          { name: text.nameZh, value: names.zh },
          { name: text.customer, value: product.customerId, isMono: true },
          { name: text.columns.changed, value: formats.dateTime(product.updatedAt) },
          { name: text.id, value: id, isMono: true },
        ]}
      />
      {[descriptions.en, descriptions.zh]
        .filter((one) => one !== undefined)
        .map((one) => (
          <Text key={one} size="sm" className="breakable keeps-lines">
            {one}
          </Text>
        ))}
      <Section title={text.gets.title}>
        <WhatVehicleGets product={product} />
      </Section>
      {mayWrite && <Selling product={product} />}
      <ChangeHistory kind="product" id={id} />
    </Stack>
  );
}

/** To sell it takes one press, not to sell it any more a question. */
function Selling({ product: { id, names, status } }: { readonly product: Product }) {
  const text = useText(productMessages);
  const words = useProductWords();
  const touches = ['/v1/products', '/v1/audit'];
  const publish = useChange('POST /v1/products/{id}/publish', touches);
  const withdraw = useChange('POST /v1/products/{id}/withdraw', touches);
  const [isAsked, setIsAsked] = useState(false);
  return (
    <Stack gap="xs">
      <Group>
        {status !== 'published' && (
          <Button loading={publish.isPending} onClick={() => publish.mutate({ path: { id } })}>
            {text.publish}
          </Button>
        )}
        {status === 'published' && (
          <Button color="red" variant="light" onClick={() => setIsAsked(true)}>
            {text.withdraw}
          </Button>
        )}
      </Group>
      {publish.error !== null && <ProblemBox error={publish.error} />}
      <ConfirmDialog
        isOpen={isAsked}
        onClose={() => setIsAsked(false)}
        title={text.withdrawTitle}
        words={text.withdrawWords}
        action={text.withdraw}
        name={words.name(names)}
        isWorking={withdraw.isPending}
        error={withdraw.error}
        onConfirm={() => withdraw.mutate({ path: { id } }, { onSuccess: () => setIsAsked(false) })}
      />
    </Stack>
  );
}
