// Tests what is read of a file of devices, as spreadsheets save them.

import { expect, test } from 'vitest';
import { devicesOf } from '../../../console/screens/apps/devices-csv.ts';

test.each([
  ['ids alone', 'SN1\nSN2\n', [{ deviceId: 'SN1' }, { deviceId: 'SN2' }]],
  [
    'an account beside an id',
    'SN1,acc_1\r\nSN2,\r\n',
    [{ deviceId: 'SN1', accountId: 'acc_1' }, { deviceId: 'SN2' }],
  ],
  ['a line of headings', 'device,account\nSN1,acc_1', [{ deviceId: 'SN1', accountId: 'acc_1' }]],
  ['quotes, and quotes within', '"SN ""1""","acc_1"', [{ deviceId: 'SN "1"', accountId: 'acc_1' }]],
  ['a byte order mark', '\uFEFFSN1\n', [{ deviceId: 'SN1' }]],
  ['semicolons, as German spreadsheets write', 'SN1;acc_1', [{ deviceId: 'SN1', accountId: 'acc_1' }]],
  ['tabs, as they are pasted', 'SN1\tacc_1', [{ deviceId: 'SN1', accountId: 'acc_1' }]],
  ['empty lines', '\n\nSN1\n  \n', [{ deviceId: 'SN1' }]],
  ['nothing', '', []],
])('%s', (_what, text, devices) => {
  expect(devicesOf(text)).toEqual(devices);
});
