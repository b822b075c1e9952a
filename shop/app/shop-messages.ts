// Texts that more than one page of the shop shows.

import { messages } from '../../console/i18n/messages.ts';

export const shopMessages = messages({
  en: {
    pages: 'Pages',
    vehicles: 'Vehicles',
    orders: 'Orders',
    account: 'Account',
    notFound: 'Not found',
    notFoundWords: 'There is no such page.',
    offline: {
      title: 'You are offline',
      words:
        'The shop needs a connection: nothing of your vehicles and orders is kept on this phone. What your vehicle has already works without it.',
      again: 'Try again',
      banner: 'You are offline. What you see may be out of date.',
    },
    vehicle: 'Vehicle',
    free: 'Free of charge',
    forGood: 'For good',
    unlimited: 'As often as you like',
    uses: (count: string) => (count === '1' ? '1 use' : `${count} uses`),
    functions: 'What it brings',
    freeFunctions: 'Already there, free of charge',
    corrections: 'Positioning corrections come with it',
    orderStates: {
      pending: 'To be paid',
      paid: 'Paid',
      disputed: 'In dispute',
      refunded: 'Refunded',
      cancelled: 'Cancelled',
      expired: 'Not paid in time',
    },
  },
  zh: {
    pages: '页面',
    vehicles: '车辆',
    orders: '订单',
    account: '账户',
    notFound: '未找到',
    notFoundWords: '没有这个页面。',
    offline: {
      title: '当前没有网络',
      words: '商店需要联网：您的车辆和订单信息不会保存在手机上。车辆上已开通的功能不受影响。',
      again: '重试',
      banner: '当前没有网络，页面内容可能不是最新的。',
    },
    vehicle: '车辆',
    free: '免费',
    forGood: '永久有效',
    unlimited: '不限次数',
    uses: (count: string) => `${count} 次`,
    functions: '包含的功能',
    freeFunctions: '车辆已有的免费功能',
    corrections: '附带高精度定位差分服务',
    orderStates: {
      pending: '待支付',
      paid: '已支付',
      disputed: '争议中',
      refunded: '已退款',
      cancelled: '已取消',
      expired: '超时未支付',
    },
  },
});
