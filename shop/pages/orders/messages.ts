// Texts of the history of orders.

import { messages } from '../../../console/i18n/messages.ts';

export const ordersMessages = messages({
  en: {
    title: 'My orders',
    emptyTitle: 'You have not ordered anything yet',
    emptyWords: 'Open one of your vehicles to see what can be bought for it.',
    toVehicles: 'My vehicles',
    ordered: (time: string) => `Ordered ${time}`,
  },
  zh: {
    title: '我的订单',
    emptyTitle: '您还没有订单',
    emptyWords: '打开您的车辆，查看可购买的功能。',
    toVehicles: '我的车辆',
    ordered: (time: string) => `下单于 ${time}`,
  },
});
