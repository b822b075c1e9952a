// Texts of "why can't it connect".

import { messages } from '../../i18n/messages.ts';

export const whyMessages = messages({
  en: {
    lead: 'Enter what the user can tell: the user name, the device, the app key, or the address that it comes from.',
    who: 'Who',
    look: 'Look',
    now: 'Now',
    connected: (mountpoint: string) => `It is connected, and receives ${mountpoint}.`,
    notConnected: 'It is not connected now.',
    account: 'Account',
    accountStates: {
      usable: 'It can log in.',
      suspended: 'It is suspended: reinstate it, or its app or customer.',
      expired: 'Its validity is over: renew it.',
      not_activated: 'It waits for its activation.',
    },
    refusals: 'Refused, the latest first',
    refusalsNone:
      'Nobody of that name was refused. If it has tried, nothing of it has arrived here: check host and port in the device, and what lies between.',
    when: 'When',
    times: 'Times',
    reason: 'Why',
    todo: 'What to do',
    ended: 'Ended, the latest first',
    endedNone: 'No session of it has ended.',
    lasted: 'Lasted',
  },
  zh: {
    lead: '输入用户能提供的信息：用户名、设备号、应用密钥或来源地址。',
    who: '对象',
    look: '查询',
    now: '当前',
    connected: (mountpoint: string) => `已连接，正在接收 ${mountpoint}。`,
    notConnected: '当前没有连接。',
    account: '账号',
    accountStates: {
      usable: '可以登录。',
      suspended: '已停用：请恢复该账号、其应用或客户。',
      expired: '有效期已过：请续期。',
      not_activated: '等待激活。',
    },
    refusals: '被拒绝的记录，最近的在前',
    refusalsNone:
      '没有被拒绝的记录。如果设备尝试过连接，说明请求没有到达这里：请检查设备中的主机和端口，以及中间的网络。',
    when: '时间',
    times: '次数',
    reason: '原因',
    todo: '如何处理',
    ended: '已结束的会话，最近的在前',
    endedNone: '没有已结束的会话。',
    lasted: '时长',
  },
});
