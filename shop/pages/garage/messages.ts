// Texts of the driver's vehicles, and of claiming one.

import { counted, messages } from '../../../console/i18n/messages.ts';

export const garageMessages = messages({
  en: {
    title: 'My vehicles',
    add: 'Add a vehicle',
    emptyTitle: 'You have no vehicle here yet',
    emptyWords:
      'Have your car show a code, and type it here. Then you see what it may do, and what you can add.',
    yours: 'Yours',
    waiting: 'Waits for whoever has it',
    waitingWords:
      'Another driver has this vehicle. It becomes yours when he hands it over; or when he lets it go and you type a fresh code.',
    asked: (count: string) =>
      `${counted(count, 'claim')} of somebody else ${count === '1' ? 'waits' : 'wait'}`,
    withdraw: 'Withdraw the claim',
    withdrawTitle: 'Withdraw the claim?',
    withdrawWords: 'You wait for this vehicle no more. To get it later you need a fresh code.',
    claimTitle: 'Add a vehicle',
    code: 'Code in the car',
    codeHint: 'Eight letters and digits. The car shows them for ten minutes.',
    codeWrong: 'The code has eight letters and digits, such as K7QF-2XMP.',
    where:
      'In the car, open the settings and have it show a code for the shop. Stay in the car while you type it.',
    claim: 'Add this vehicle',
  },
  zh: {
    title: '我的车辆',
    add: '添加车辆',
    emptyTitle: '您还没有添加车辆',
    emptyWords: '请在车上获取代码并在此输入，即可查看车辆已开通的功能和可购买的功能。',
    yours: '已拥有',
    waiting: '等待现车主确认',
    waitingWords: '此车辆目前属于另一位车主。他移交后即归您所有；或在他移除后由您输入新的代码。',
    asked: (count: string) => `有 ${count} 个他人的认领申请待处理`,
    withdraw: '撤回申请',
    withdrawTitle: '撤回认领申请？',
    withdrawWords: '您将不再等待此车辆。以后需要新的代码才能认领。',
    claimTitle: '添加车辆',
    code: '车上显示的代码',
    codeHint: '八位字母和数字，车上显示十分钟。',
    codeWrong: '代码为八位字母和数字，例如 K7QF-2XMP。',
    where: '请在车内打开设置，让车辆显示商店代码。输入时请留在车内。',
    claim: '添加这辆车',
  },
});
