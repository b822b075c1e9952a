// What the screens are called, in the menu and as their headings.

import { messages } from '../i18n/messages.ts';

export const screenTitles = messages({
  en: {
    overview: 'Overview',
    connections: 'Connections',
    map: 'Map',
    mountpoints: 'Mountpoints',
    apps: 'Apps & accounts',
    specs: 'Service specs',
    plans: 'Billing plans',
    usage: 'Usage & charges',
    customers: 'Customers',
    why: 'Why can’t it connect?',
    keys: 'API keys',
    audit: 'Audit log',
    vehicles: 'Vehicles',
    products: 'Products',
    orders: 'Orders & gifts',
    entitlements: 'Entitlements',
    releases: 'Releases',
    drivers: 'Drivers',
    settings: 'Settings',
    reference: 'API',
  },
  zh: {
    overview: '总览',
    connections: '连接',
    map: '地图',
    mountpoints: '挂载点',
    apps: '应用与账号',
    specs: '服务规格',
    plans: '计费规格',
    usage: '用量与费用',
    customers: '客户',
    why: '为什么连不上？',
    keys: 'API 密钥',
    audit: '审计日志',
    vehicles: '车辆',
    products: '商品',
    orders: '订单与赠送',
    entitlements: '软件权益',
    releases: '软件发布',
    drivers: '车主',
    settings: '设置',
    reference: 'API 参考',
  },
});

/** The headings that the menu stands under. */
export const areaTitles = messages({
  en: { corrections: 'Corrections', licensing: 'Licensing', house: 'Administration' },
  zh: { corrections: '差分服务', licensing: '授权', house: '管理' },
});
