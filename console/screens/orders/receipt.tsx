// The receipt of an order that was paid.

import { useRead } from '../../api/queries.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { Facts } from '../../parts/facts.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { useProductWords } from '../../parts/product-words.ts';
import { orderMessages } from './messages.ts';

export function Receipt({ orderId }: { readonly orderId: string }) {
  const text = useText(orderMessages).receipt;
  const formats = useFormats();
  const words = useProductWords();
  const found = useRead('GET /v1/orders/{id}/receipt', { path: { id: orderId } });
  if (found.error !== null) return <ProblemBox error={found.error} />;
  if (found.data?.orderId !== orderId) return null;
  const { seller, amountMicros, currency, paidAt, payment, refundedAt } = found.data;
  return (
    <Facts
      facts={[
        { name: text.seller, value: seller ?? text.operator },
        { name: text.amount, value: words.price(amountMicros, currency) },
        { name: text.paidAt, value: formats.dateTime(paidAt) },
        { name: text.provider, value: payment?.provider },
        { name: text.payment, value: payment?.id, isMono: true },
        { name: text.reference, value: payment?.reference, isMono: true },
        { name: text.refundedAt, value: refundedAt !== null && formats.dateTime(refundedAt) },
      ]}
    />
  );
}
