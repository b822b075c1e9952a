// What an order is, in a word with a color.

import type { Order } from '../../console/api/api-types.ts';
import { useText } from '../../console/i18n/messages.ts';
import { Tag, type TagColor } from '../../console/parts/tag.tsx';
import { shopMessages } from '../app/shop-messages.ts';

const COLORS: Readonly<Record<Order['state'], TagColor>> = {
  pending: 'orange',
  paid: 'green',
  disputed: 'red',
  refunded: 'blue',
  cancelled: 'gray',
  expired: 'gray',
};

export function OrderTag({ state }: Pick<Order, 'state'>) {
  const text = useText(shopMessages);
  return <Tag color={COLORS[state]}>{text.orderStates[state]}</Tag>;
}
