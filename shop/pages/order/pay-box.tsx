// How an order is paid: at the page of a provider, to which the browser goes, or at the test provider, which has none of its
// own here. Also the way out of it.

import { Button, Stack, Text } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import type { Order, StartedPayment } from '../../../console/api/api-types.ts';
import { useChange, useRead } from '../../../console/api/queries.ts';
import { useFormats } from '../../../console/i18n/formats.ts';
import { useText } from '../../../console/i18n/messages.ts';
import { Ask } from '../../parts/ask.tsx';
import { Trouble } from '../../parts/trouble.tsx';
import { orderMessages } from './messages.ts';
import { providerPage } from './provider-page.ts';

const TestPayment = lazy(async () => ({ default: (await import('./test-payment.tsx')).TestPayment }));

const TOUCHES = ['/v1/orders', '/v1/entitlements'];
const TEST = 'test';

export function PayBox({ order }: { readonly order: Order }) {
  const text = useText(orderMessages);
  const formats = useFormats();
  const providers = useRead('GET /v1/payment-providers', {});
  const [isLeaving, setIsLeaving] = useState(false);
  const [isUnpayable, setIsUnpayable] = useState(false);
  const [tested, setTested] = useState<string>();
  const pay = useChange('POST /v1/orders/{id}/pay', TOUCHES);
  const names = providers.data?.data.map(({ name }) => name) ?? [];
  const price = formats.money(order.amountMicros, order.currency);

  const goOn = ({ provider, reference, url }: StartedPayment): void => {
    const page = providerPage(url);
    if (provider === TEST && reference !== null) setTested(reference);
    else if (page === undefined) setIsUnpayable(true);
    else {
      setIsLeaving(true);
      window.location.assign(page);
    }
  };
  const begin = (provider: string): void => {
    setIsUnpayable(false);
    pay.mutate({ path: { id: order.id }, body: { provider } }, { onSuccess: goOn });
  };

  return (
    <Stack gap="sm">
      <Text size="sm">{text.payUntil(formats.zonedDateTime(order.expiresAt))}</Text>
      {providers.error !== null && <Trouble error={providers.error} />}
      {pay.error !== null && <Trouble error={pay.error} />}
      {isUnpayable && <Text role="alert">{text.noPage}</Text>}
      {providers.data !== undefined && names.length === 0 && <Text role="alert">{text.noProvider}</Text>}
      {names.map((name) => (
        <Button
          key={name}
          size="lg"
          onClick={() => begin(name)}
          loading={isLeaving || (pay.isPending && pay.variables.body.provider === name)}
        >
          {names.length === 1 ? text.pay(price) : text.payBy(price, nameOf(name, text.providers))}
        </Button>
      ))}
      <Cancel order={order} />
      {tested !== undefined && (
        <Suspense>
          <TestPayment reference={tested} onClose={() => setTested(undefined)} />
        </Suspense>
      )}
    </Stack>
  );
}

function nameOf(provider: string, names: Readonly<Record<string, string>>): string {
  return names[provider] ?? provider;
}

function Cancel({ order }: { readonly order: Order }) {
  const text = useText(orderMessages);
  const [isAsking, setIsAsking] = useState(false);
  const cancel = useChange('POST /v1/orders/{id}/cancel', TOUCHES);
  return (
    <>
      <Button variant="subtle" color="red" onClick={() => setIsAsking(true)}>
        {text.cancel}
      </Button>
      <Ask
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        title={text.cancelTitle}
        words={text.cancelWords}
        action={text.cancel}
        otherwise={text.keep}
        isWorking={cancel.isPending}
        error={cancel.error}
        onConfirm={() => cancel.mutate({ path: { id: order.id } }, { onSuccess: () => setIsAsking(false) })}
      />
    </>
  );
}
