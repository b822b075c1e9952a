// One order, from payment to the function that runs in the vehicle, as it comes about.

import { Alert, Button, Paper, Stack, Text } from '@mantine/core';
import { useEffect } from 'react';
import { Link } from 'wouter';
import type { OrderProgress } from '../../../console/api/api-types.ts';
import { useRefresh } from '../../../console/api/queries.ts';
import { useFormats } from '../../../console/i18n/formats.ts';
import { useText } from '../../../console/i18n/messages.ts';
import { Facts } from '../../../console/parts/facts.tsx';
import { Icon } from '../../../console/parts/icon.tsx';
import { shopMessages } from '../../app/shop-messages.ts';
import { FunctionList } from '../../parts/function-list.tsx';
import { Loading } from '../../parts/loading.tsx';
import { useName } from '../../parts/local-text.tsx';
import { OrderTag } from '../../parts/order-tag.tsx';
import { Page } from '../../parts/page.tsx';
import { usePrice, useTerms } from '../../parts/terms.ts';
import { Trouble } from '../../parts/trouble.tsx';
import { orderMessages } from './messages.ts';
import { PayBox } from './pay-box.tsx';
import { ProgressSteps } from './progress-steps.tsx';
import { hasMoneyGoingBack, isDeclined } from './steps.ts';
import { useOrderProgress } from './use-order-progress.ts';

export function OrderPage({ id }: { readonly id: string }) {
  const text = useText(orderMessages);
  const shop = useText(shopMessages);
  const { progress, state, error, retry } = useOrderProgress(id);
  const name = useName(progress?.order.product.names ?? {}, progress?.order.product.partNumber ?? text.title);
  return (
    <Page
      key={String(progress === undefined)}
      title={name.text}
      language={name.lang}
      back={{ to: '/orders', label: shop.orders }}
    >
      {progress === undefined ? (
        error === null ? (
          <Loading />
        ) : (
          <Trouble error={error} retry={retry} />
        )
      ) : (
        <OrderDetails progress={progress} live={text.live[state]} isLive={state === 'live'} />
      )}
    </Page>
  );
}

interface OrderDetailsProps {
  readonly progress: OrderProgress;
  /** Whether this is of this moment, in words. */
  readonly live: string;
  readonly isLive: boolean;
}

function OrderDetails({ progress, live, isLive }: OrderDetailsProps) {
  const text = useText(orderMessages);
  const { order, stage } = progress;
  const refresh = useRefresh();
  // What is shown elsewhere of the vehicle and its orders is another thing with each stage.
  useEffect(() => refresh(), [stage]);
  return (
    <Stack gap="lg">
      {isDeclined(progress) && (
        <Alert color="red" variant="light" role="alert">
          {text.declined}
        </Alert>
      )}
      {hasMoneyGoingBack(progress) && (
        <Alert color="orange" variant="light">
          {text.goneBack}
        </Alert>
      )}
      <Paper withBorder p="md">
        <Stack gap="sm">
          <Text fw={600} role="status" aria-live="polite" data-stage={stage}>
            {endWords(order.state, text.overBecause) ?? text.stages[stage]}
          </Text>
          {stage !== 'over' && <ProgressSteps progress={progress} />}
          <Text size="sm" c="dimmed" className="shop-live">
            <span className={`dot ${isLive ? 'is-live' : ''}`} aria-hidden="true" />
            {live}
          </Text>
        </Stack>
      </Paper>
      {stage === 'to_pay' && <PayBox order={order} />}
      <FunctionList product={order.product} />
      <OrderFacts order={order} />
      <Ways order={order} />
    </Stack>
  );
}

/** Why it ended, where the order itself says so. */
function endWords(
  state: OrderProgress['order']['state'],
  words: (typeof orderMessages)['en']['overBecause'],
): string | undefined {
  return state === 'cancelled' || state === 'expired' || state === 'refunded' ? words[state] : undefined;
}

function OrderFacts({ order }: Pick<OrderProgress, 'order'>) {
  const text = useText(orderMessages);
  const shop = useText(shopMessages);
  const formats = useFormats();
  const price = usePrice();
  const terms = useTerms(order.product);
  return (
    <Paper withBorder p="md">
      <Facts
        facts={[
          { name: text.amount, value: <strong>{price(order.amountMicros, order.currency)}</strong> },
          { name: text.state, value: <OrderTag state={order.state} /> },
          { name: text.ordered, value: formats.zonedDateTime(order.createdAt) },
          { name: shop.vehicle, value: order.vehicleId, isMono: true },
          { name: text.number, value: order.id, isMono: true },
          { name: text.terms, value: terms },
        ]}
      />
    </Paper>
  );
}

/** Where to go from here. */
function Ways({ order }: Pick<OrderProgress, 'order'>) {
  const text = useText(orderMessages);
  return (
    <Stack gap="xs">
      {order.paidAt !== null && (
        <Button
          component={Link}
          href={`/orders/${order.id}/receipt`}
          variant="default"
          leftSection={<Icon name="orders" />}
        >
          {text.receipt}
        </Button>
      )}
      {(order.state === 'expired' || order.state === 'cancelled') && (
        <Button component={Link} href={`/vehicles/${order.vehicleId}/products/${order.productId}`}>
          {text.again}
        </Button>
      )}
      <Button
        component={Link}
        href={`/vehicles/${order.vehicleId}`}
        variant="default"
        leftSection={<Icon name="vehicles" />}
      >
        {text.toVehicle}
      </Button>
    </Stack>
  );
}
