// What was bought for vehicles, and what was given to them.

import { useText } from '../../i18n/messages.ts';
import { ScreenTabs } from '../../parts/screen-tabs.tsx';
import { GiftList } from './gift-list.tsx';
import { orderMessages } from './messages.ts';
import { OrderList } from './order-list.tsx';

export function OrdersScreen() {
  const text = useText(orderMessages);
  return (
    <ScreenTabs
      label={text.tabs.label}
      tabs={[
        { name: 'orders', title: text.tabs.orders, content: <OrderList /> },
        { name: 'gifts', title: text.tabs.gifts, content: <GiftList /> },
      ]}
    />
  );
}
