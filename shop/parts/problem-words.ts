// The errors that a driver can meet, by their stable code (docs/errors.md), in his language and with what he can do. All
// others are shown in the server's words.

import { ApiError } from '../../console/api/client.ts';
import { messages, useText } from '../../console/i18n/messages.ts';

export const problemMessages = messages({
  en: {
    claim_code_wrong:
      'No vehicle shows this code now. Have the car show a new one, and type it within ten minutes.',
    claim_not_found: 'This claim waits no more: it was withdrawn, decided, or it has run out.',
    driver_exists: 'There is an account with this e-mail address. Sign in instead.',
    driver_suspended: 'This account is suspended. Ask whoever runs this shop.',
    entitlement_refused:
      'Your vehicle cannot be given this. Nothing is charged; ask the maker of your vehicle.',
    has_it_for_good: 'Your vehicle has this for good already. Nothing has to be bought.',
    idempotency_in_progress: 'This is still being worked on. Wait a moment, then try again.',
    key_invalid: 'You are signed in no more. Sign in again.',
    login_wrong: 'The e-mail address or the password is wrong.',
    logins_busy: 'Many are signing in at this moment. Wait a few seconds, then try again.',
    order_not_found: 'There is no such order of yours.',
    order_state_wrong: 'That is not possible any more: the order has moved on meanwhile.',
    payment_provider_not_found: 'Nobody takes payments here at the moment.',
    product_not_for_vehicle: 'This is not made for your vehicle.',
    product_not_found: 'This is not sold any more.',
    product_not_sold: 'This is not sold at the moment.',
    provider_away: 'Whoever takes the payment does not answer. Nothing was charged; try again in a moment.',
    provider_refused: 'Whoever takes the payment refused to begin it. Nothing was charged.',
    right_suspended:
      'Your vehicle has this, but it is suspended at the moment. Buying it again would not help: ask the maker.',
    store_unavailable: 'The shop cannot answer at the moment. Try again in a few seconds.',
    shutting_down: 'The shop is being restarted. Try again in a few seconds.',
    test_payment_state_wrong: 'This test payment has been decided already.',
    too_many_event_readers: 'You follow as many orders as one may. Close one of the other pages.',
    too_many_requests: 'That was too often. Wait a minute, then try again.',
    too_many_vehicles: 'You have or wait for as many vehicles as one may. Let one of them go first.',
    vehicle_not_found: 'You do not have this vehicle, or not any more.',
  },
  zh: {
    claim_code_wrong: '当前没有车辆显示此代码。请在车上重新获取代码，并在十分钟内输入。',
    claim_not_found: '该认领申请已撤回、已处理或已过期。',
    driver_exists: '此邮箱已注册，请直接登录。',
    driver_suspended: '此账户已被停用，请联系商店运营方。',
    entitlement_refused: '您的车辆无法开通此商品，不会产生费用。请联系车辆厂商。',
    has_it_for_good: '您的车辆已永久拥有此功能，无需再次购买。',
    idempotency_in_progress: '请求仍在处理中，请稍候再试。',
    key_invalid: '登录已失效，请重新登录。',
    login_wrong: '邮箱或密码不正确。',
    logins_busy: '当前登录人数较多，请稍等几秒再试。',
    order_not_found: '您没有这个订单。',
    order_state_wrong: '订单状态已变化，无法执行此操作。',
    payment_provider_not_found: '目前没有可用的支付方式。',
    product_not_for_vehicle: '此商品不适用于您的车辆。',
    product_not_found: '此商品已停售。',
    product_not_sold: '此商品暂不销售。',
    provider_away: '支付服务没有响应，未扣款。请稍后再试。',
    provider_refused: '支付服务拒绝了此次支付，未扣款。',
    right_suspended: '您的车辆已有此功能，但目前处于暂停状态，重复购买无效。请联系厂商。',
    store_unavailable: '商店暂时无法响应，请几秒后再试。',
    shutting_down: '商店正在重启，请几秒后再试。',
    test_payment_state_wrong: '这笔测试支付已有结果。',
    too_many_event_readers: '同时查看的订单过多，请先关闭其他页面。',
    too_many_requests: '操作过于频繁，请一分钟后再试。',
    too_many_vehicles: '您拥有或等待的车辆已达上限，请先移除一辆。',
    vehicle_not_found: '您没有这辆车，或它已不再属于您。',
  },
});

type DriverCode = keyof (typeof problemMessages)['en'];

/** Undefined where the server's own words have to do. */
export function useProblemWords(error: Error | null): string | undefined {
  const words = useText(problemMessages);
  return error instanceof ApiError && isDriverCode(error.code) ? words[error.code] : undefined;
}

function isDriverCode(code: string): code is DriverCode {
  return Object.hasOwn(problemMessages.en, code);
}
