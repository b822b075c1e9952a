// Texts of one product, before it is ordered.

import { messages } from '../../../console/i18n/messages.ts';

export const productMessages = messages({
  en: {
    title: 'Product',
    price: 'Price',
    valid: 'Good for',
    often: 'How often',
    software: 'Software',
    part: 'Part',
    for: 'For',
    fits: {
      enough: (installed: string) => `Your vehicle has version ${installed}: it works at once.`,
      update: (wanted: string, installed: string) =>
        `Your vehicle has version ${installed}, and this needs ${wanted}. The update comes over the air, and then it works.`,
      missing: (wanted: string) =>
        `Your vehicle does not have this software yet. Version ${wanted} comes over the air, and then it works.`,
      above: (wanted: string, installed: string) =>
        `This is for version ${wanted} only, and your vehicle has ${installed}: it would not take it. Ask the maker before you buy.`,
      unknown: (wanted: string) =>
        `Your vehicle has not told yet what it has. Where it has not got version ${wanted}, an update comes over the air first.`,
    },
    order: 'Order, and go on to pay',
    orderFree: 'Get it free of charge',
    note: 'You pay on the next page. What you buy belongs to the vehicle and stays with it when it is sold.',
    noteFree: 'What you get belongs to the vehicle and stays with it when it is sold.',
  },
  zh: {
    title: '商品',
    price: '价格',
    valid: '有效期',
    often: '使用次数',
    software: '软件',
    part: '软件件号',
    for: '适用车辆',
    fits: {
      enough: (installed: string) => `车辆软件版本为 ${installed}，购买后立即可用。`,
      update: (wanted: string, installed: string) =>
        `车辆软件版本为 ${installed}，此功能需要 ${wanted}。系统将自动在线升级，升级后即可使用。`,
      missing: (wanted: string) => `车辆尚未安装此软件。系统将在线安装版本 ${wanted}，安装后即可使用。`,
      above: (wanted: string, installed: string) =>
        `此商品仅适用于版本 ${wanted}，车辆版本为 ${installed}，无法开通。购买前请咨询厂商。`,
      unknown: (wanted: string) => `车辆尚未上报软件版本。若未达到版本 ${wanted}，将先在线升级。`,
    },
    order: '下单并支付',
    orderFree: '免费领取',
    note: '下一页支付。所购功能归车辆所有，转让车辆时一并转移。',
    noteFree: '所领取的功能归车辆所有，转让车辆时一并转移。',
  },
});
