// The receipt of an order that was paid, to be printed: on paper it is alone.

import { Button, Paper, Stack, Text } from '@mantine/core';
import type { OrderReceipt } from '../../../console/api/api-types.ts';
import { useRead } from '../../../console/api/queries.ts';
import { useFormats } from '../../../console/i18n/formats.ts';
import { useText } from '../../../console/i18n/messages.ts';
import { Facts } from '../../../console/parts/facts.tsx';
import { Icon } from '../../../console/parts/icon.tsx';
import { Loading } from '../../parts/loading.tsx';
import { LocalText } from '../../parts/local-text.tsx';
import { Page } from '../../parts/page.tsx';
import { usePrice, useTerms } from '../../parts/terms.ts';
import { timeZone } from '../../parts/time-zone.ts';
import { Trouble } from '../../parts/trouble.tsx';
import { receiptMessages } from './messages.ts';

export function ReceiptPage({ id }: { readonly id: string }) {
  const text = useText(receiptMessages);
  const { data, error, refetch } = useRead('GET /v1/orders/{id}/receipt', { path: { id } });
  return (
    <Page title={text.title} back={{ to: `/orders/${id}`, label: text.order }}>
      {data !== undefined && <Receipt receipt={data} />}
      {data === undefined &&
        (error === null ? <Loading /> : <Trouble error={error} retry={() => void refetch()} />)}
    </Page>
  );
}

function Receipt({ receipt }: { readonly receipt: OrderReceipt }) {
  const text = useText(receiptMessages);
  const formats = useFormats();
  const price = usePrice();
  const { product, payment, paidAt, refundedAt } = receipt;
  const terms = useTerms(product);
  const paid = product.functions.filter(({ isFree }) => !isFree);
  return (
    <Stack>
      <Paper withBorder p="lg" className="shop-receipt">
        <Facts
          facts={[
            { name: text.amount, value: <strong>{price(receipt.amountMicros, receipt.currency)}</strong> },
            { name: text.what, value: <LocalText texts={product.names} /> },
            {
              name: text.functions,
              value: paid.length > 0 && (
                <ul className="shop-functions">
                  {paid.map(({ id, names }) => (
                    <li key={id}>
                      <LocalText texts={names} />
                    </li>
                  ))}
                </ul>
              ),
            },
            { name: text.terms, value: terms },
            { name: text.version, value: `${product.partNumber} ${product.version}`, isMono: true },
            { name: text.vehicle, value: receipt.vehicleId, isMono: true },
            { name: text.seller, value: receipt.seller },
            { name: text.paid, value: formats.zonedDateTime(paidAt) },
            {
              name: text.payment,
              value:
                payment === null ? text.noPayment : `${payment.provider} ${payment.reference ?? payment.id}`,
            },
            { name: text.refunded, value: refundedAt !== null && formats.zonedDateTime(refundedAt) },
            { name: text.order, value: receipt.orderId, isMono: true },
          ]}
        />
        <Text size="sm" c="dimmed" mt="md">
          {text.zone(timeZone())}
        </Text>
      </Paper>
      <Button className="shop-no-print" leftSection={<Icon name="printer" />} onClick={() => window.print()}>
        {text.print}
      </Button>
    </Stack>
  );
}
