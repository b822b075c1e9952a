// Texts of the account.

import { messages } from '../../../console/i18n/messages.ts';

export const accountMessages = messages({
  en: {
    title: 'Account',
    name: 'Name',
    email: 'E-mail address',
    zone: 'Time zone',
    install: 'Put the shop on the home screen',
    out: 'Sign out',
    outEverywhere: 'Sign out on all devices',
    outWords: 'You stay signed in on this device for 30 days. Sign out where others use it too.',
    scheme: 'Colors',
  },
  zh: {
    title: '账户',
    name: '称呼',
    email: '邮箱',
    zone: '时区',
    install: '添加到主屏幕',
    out: '退出登录',
    outEverywhere: '在所有设备上退出',
    outWords: '您在此设备上保持登录 30 天。如与他人共用，请退出登录。',
    scheme: '配色',
  },
});
