// What happened to an order and to what it bought, in words: as docs/shop.md, docs/entitlements.md and docs/grants.md name
// it. What there is no word for is shown as the server wrote it.

import type { TimelineEntry } from '../api/api-types.ts';
import { messages, useText } from '../i18n/messages.ts';

type Words = Readonly<Record<string, string>>;

const texts = messages({
  en: {
    order: {
      order: 'Ordered',
      pay: 'Paid',
      cancel: 'Cancelled',
      expire: 'Not paid in time',
      refund: 'Refunded',
      dispute: 'The bank asks the money back',
      win: 'Dispute won',
      lose: 'Dispute lost',
    },
    payment: { started: 'Payment begun' },
    payment_event: {
      succeeded: 'The provider says: paid',
      failed: 'The provider says: not paid',
      refunded: 'The provider says: money returned',
      refunded_partly: 'The provider says: a part returned',
      disputed: 'The provider says: disputed',
      dispute_won: 'The provider says: dispute won',
      dispute_lost: 'The provider says: dispute lost',
    },
    entitlement: {
      grant: 'Entitlement made',
      begin: 'Entitlement begins',
      cover: 'Entitlement lasts longer',
      count_uses: 'Uses counted',
      suspend: 'Entitlement suspended',
      resume: 'Entitlement resumed',
      replace: 'Entitlement replaced',
      restore: 'Entitlement in force again',
      revoke: 'Entitlement revoked',
      refund: 'Entitlement refunded',
      transfer: 'Entitlement transferred',
      expire: 'Entitlement ran out',
      use_up: 'All uses are used',
    },
    grant: {
      made: 'Licence grant made',
      sent: 'Licence grant sent',
      renewed: 'Licence grant renewed',
      resent: 'Licence grant sent again',
    },
    receipt: {
      activated: 'Activated in the vehicle',
      stored: 'Stored in the vehicle',
      waits_for_package: 'The vehicle waits for the software',
      deactivated: 'Switched off in the vehicle',
      refused: 'The vehicle refused it',
    },
    ota: {
      package_wanted: 'The vehicle asked for the software',
      downloaded: 'Software fetched',
      installed: 'Software installed',
      not_taken: 'The vehicle did not take the software',
    },
  },
  zh: {
    order: {
      order: '已下单',
      pay: '已支付',
      cancel: '已取消',
      expire: '超时未支付',
      refund: '已退款',
      dispute: '银行要求退款（争议）',
      win: '争议胜诉',
      lose: '争议败诉',
    },
    payment: { started: '开始支付' },
    payment_event: {
      succeeded: '支付方通知：支付成功',
      failed: '支付方通知：支付失败',
      refunded: '支付方通知：款项已退回',
      refunded_partly: '支付方通知：部分退款',
      disputed: '支付方通知：产生争议',
      dispute_won: '支付方通知：争议胜诉',
      dispute_lost: '支付方通知：争议败诉',
    },
    entitlement: {
      grant: '权益已生成',
      begin: '权益开始生效',
      cover: '权益延长',
      count_uses: '已计使用次数',
      suspend: '权益已暂停',
      resume: '权益已恢复',
      replace: '权益被替代',
      restore: '权益重新生效',
      revoke: '权益已撤销',
      refund: '权益已退款',
      transfer: '权益已转移',
      expire: '权益已到期',
      use_up: '次数已用完',
    },
    grant: {
      made: '授权信息已生成',
      sent: '授权信息已下发',
      renewed: '授权信息已续期',
      resent: '授权信息已重发',
    },
    receipt: {
      activated: '车端已激活',
      stored: '车端已保存',
      waits_for_package: '车端等待软件',
      deactivated: '车端已停用',
      refused: '车端拒绝',
    },
    ota: {
      package_wanted: '车端请求软件',
      downloaded: '软件已下载',
      installed: '软件已安装',
      not_taken: '车端未接受软件',
    },
  },
});

export function useTimelineWords(): (kind: TimelineEntry['kind'], what: string) => string {
  const text: Readonly<Record<TimelineEntry['kind'], Words>> = useText(texts);
  return (kind, what) => text[kind][what] ?? what;
}
