// The bank of the test provider, on which nothing is paid but everything happens.

import { Button, Modal, Stack, Text } from '@mantine/core';
import { useChange } from '../../../console/api/queries.ts';
import { commonMessages } from '../../../console/app/common-messages.ts';
import { useText } from '../../../console/i18n/messages.ts';
import { Trouble } from '../../parts/trouble.tsx';
import { orderMessages } from './messages.ts';

export interface TestPaymentProps {
  /** Of the payment. */
  readonly reference: string;
  readonly onClose: () => void;
}

export function TestPayment({ reference, onClose }: TestPaymentProps) {
  const text = useText(orderMessages);
  const common = useText(commonMessages);
  const act = useChange('POST /v1/test-payments/{reference}', ['/v1/orders', '/v1/entitlements']);
  const happen = (action: 'pay' | 'fail'): void =>
    act.mutate({ path: { reference }, body: { action } }, { onSuccess: onClose });
  return (
    <Modal opened onClose={onClose} title={text.testTitle} closeButtonProps={{ 'aria-label': common.close }}>
      <Stack>
        <Text size="sm">{text.testWords}</Text>
        {act.error !== null && <Trouble error={act.error} />}
        <Button onClick={() => happen('pay')} loading={act.isPending}>
          {text.testPay}
        </Button>
        <Button variant="default" onClick={() => happen('fail')} disabled={act.isPending}>
          {text.testFail}
        </Button>
      </Stack>
    </Modal>
  );
}
