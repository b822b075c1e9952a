// Texts of the receipt.

import { messages } from '../../../console/i18n/messages.ts';

export const receiptMessages = messages({
  en: {
    title: 'Receipt',
    order: 'Order',
    seller: 'Seller',
    what: 'What was bought',
    vehicle: 'Vehicle',
    terms: 'Good for',
    version: 'Software',
    amount: 'Amount',
    paid: 'Paid',
    payment: 'Payment',
    noPayment: 'It cost nothing.',
    refunded: 'Given back',
    functions: 'Functions',
    print: 'Print',
    zone: (zone: string) => `Times are in the time zone ${zone}.`,
  },
  zh: {
    title: '收据',
    order: '订单号',
    seller: '销售方',
    what: '商品',
    vehicle: '车辆',
    terms: '有效期',
    version: '软件',
    amount: '金额',
    paid: '支付时间',
    payment: '支付方式',
    noPayment: '免费，无需支付。',
    refunded: '退款时间',
    functions: '功能',
    print: '打印',
    zone: (zone: string) => `时间所用时区：${zone}。`,
  },
});
