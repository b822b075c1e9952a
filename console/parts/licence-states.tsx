// What vehicles, their rights, orders and grants can be, each a word with a color: as docs/entitlements.md, docs/grants.md
// and docs/shop.md have them.

import type {
  Certificate,
  Driver,
  Entitlement,
  Grant,
  Order,
  OtaRequest,
  Product,
  Release,
  Package,
  VehicleClaim,
} from '../api/api-types.ts';
import { messages, useText } from '../i18n/messages.ts';
import { Tag, type TagColor } from './tag.tsx';

interface States {
  readonly certificate: Certificate['state'];
  readonly entitlement: Entitlement['state'];
  readonly grant: Grant['state'];
  readonly order: Order['state'];
  readonly product: Product['status'];
  readonly claim: VehicleClaim['state'];
  readonly driver: Driver['status'];
  readonly ota: OtaRequest['state'];
  readonly package: Package['state'];
  readonly release: Release['state'];
}

const COLORS: { readonly [Kind in keyof States]: Readonly<Record<States[Kind], TagColor>> } = {
  certificate: { active: 'green', superseded: 'gray', revoked: 'red', expired: 'orange' },
  entitlement: {
    ...{ waiting: 'blue', active: 'green', suspended: 'orange', replaced: 'gray', revoked: 'red' },
    ...{ refunded: 'gray', transferred: 'gray', expired: 'gray', used_up: 'gray' },
  },
  grant: {
    ...{ numbered: 'gray', made: 'blue', sent: 'blue', received: 'yellow', activated: 'green' },
    ...{ deactivated: 'gray', refused: 'red', superseded: 'gray' },
  },
  order: {
    ...{ pending: 'blue', paid: 'green', disputed: 'orange', refunded: 'gray', cancelled: 'gray' },
    expired: 'gray',
  },
  product: { draft: 'gray', published: 'green', withdrawn: 'orange' },
  claim: { pending: 'yellow', active: 'green', refused: 'red', ended: 'gray' },
  driver: { active: 'green', suspended: 'red' },
  ota: { offered: 'green', refused: 'red' },
  package: { awaiting_content: 'yellow', ready: 'green' },
  release: { draft: 'gray', active: 'green', paused: 'yellow', aborted: 'red' },
};

export const stateMessages = messages({
  en: {
    certificate: { active: 'active', superseded: 'renewed', revoked: 'revoked', expired: 'run out' },
    entitlement: {
      waiting: 'waiting',
      active: 'active',
      suspended: 'suspended',
      replaced: 'replaced',
      revoked: 'revoked',
      refunded: 'refunded',
      transferred: 'transferred',
      expired: 'run out',
      used_up: 'used up',
    },
    grant: {
      numbered: 'not made yet',
      made: 'made',
      sent: 'sent',
      received: 'in the vehicle',
      activated: 'activated',
      deactivated: 'deactivated',
      refused: 'refused',
      superseded: 'superseded',
    },
    order: {
      pending: 'to be paid',
      paid: 'paid',
      disputed: 'in dispute',
      refunded: 'refunded',
      cancelled: 'cancelled',
      expired: 'run out',
    },
    product: { draft: 'draft', published: 'published', withdrawn: 'withdrawn' },
    claim: { pending: 'waiting', active: 'has it', refused: 'refused', ended: 'ended' },
    driver: { active: 'active', suspended: 'suspended' },
    ota: { offered: 'offered', refused: 'refused' },
    package: { awaiting_content: 'awaits its content', ready: 'ready' },
    release: { draft: 'draft', active: 'active', paused: 'paused', aborted: 'aborted' },
  },
  zh: {
    certificate: { active: '有效', superseded: '已更新', revoked: '已吊销', expired: '已过期' },
    entitlement: {
      waiting: '等待生效',
      active: '生效中',
      suspended: '已暂停',
      replaced: '已被替代',
      revoked: '已撤销',
      refunded: '已退款',
      transferred: '已转移',
      expired: '已到期',
      used_up: '次数已用完',
    },
    grant: {
      numbered: '尚未生成',
      made: '已生成',
      sent: '已下发',
      received: '车端已接收',
      activated: '已激活',
      deactivated: '已停用',
      refused: '被拒绝',
      superseded: '已被取代',
    },
    order: {
      pending: '待支付',
      paid: '已支付',
      disputed: '争议中',
      refunded: '已退款',
      cancelled: '已取消',
      expired: '已超时',
    },
    product: { draft: '草稿', published: '已上架', withdrawn: '已下架' },
    claim: { pending: '待处理', active: '已绑定', refused: '已拒绝', ended: '已结束' },
    driver: { active: '正常', suspended: '已停用' },
    ota: { offered: '已提供', refused: '已拒绝' },
    package: { awaiting_content: '待上传内容', ready: '就绪' },
    release: { draft: '草稿', active: '发布中', paused: '已暂停', aborted: '已中止' },
  },
});

export interface StateTagProps<Kind extends keyof States> {
  readonly of: Kind;
  readonly state: States[Kind];
}

/** Without the ties between a kind and its states, which a choice by kind loses. */
type Words = { readonly [Kind in keyof States]: Readonly<Record<string, string>> };

export function StateTag<Kind extends keyof States>({ of, state }: StateTagProps<Kind>) {
  const words: Words = useText(stateMessages);
  return <Tag color={COLORS[of][state]}>{words[of][state] ?? state}</Tag>;
}

/** For a choice of states: each with its word. */
export function useStateChoices(of: keyof States): { value: string; label: string }[] {
  const words: Words = useText(stateMessages);
  return Object.entries(words[of]).map(([value, label]) => ({ value, label }));
}
