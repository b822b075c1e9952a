// One right of a vehicle: what it is, until when, how often, and the order that it came by.

import { Paper, Stack, Text, Title } from '@mantine/core';
import { Link } from 'wouter';
import type { Entitlement, OrderedProduct } from '../../../console/api/api-types.ts';
import { useFormats } from '../../../console/i18n/formats.ts';
import { useText } from '../../../console/i18n/messages.ts';
import { Tag, type TagColor } from '../../../console/parts/tag.tsx';
import { shopMessages } from '../../app/shop-messages.ts';
import { LocalText, useName } from '../../parts/local-text.tsx';
import { Remaining } from '../../parts/remaining.tsx';
import { isOver } from './entitlement-order.ts';
import { vehicleMessages } from './messages.ts';

const COLORS: Readonly<Record<Entitlement['state'], TagColor>> = {
  active: 'green',
  waiting: 'blue',
  suspended: 'orange',
  replaced: 'gray',
  revoked: 'gray',
  refunded: 'gray',
  transferred: 'gray',
  expired: 'gray',
  used_up: 'gray',
};

export interface EntitlementCardProps {
  readonly entitlement: Entitlement;
  /** Undefined where it is sold no more, and the driver did not order it himself. */
  readonly product: Pick<OrderedProduct, 'names' | 'functions'> | undefined;
  readonly orderId: string | undefined;
}

export function EntitlementCard({ entitlement, product, orderId }: EntitlementCardProps) {
  const text = useText(vehicleMessages);
  const shop = useText(shopMessages);
  const name = useName(product?.names ?? {}, entitlement.partNumber);
  const { state, functions, correctionAppId } = entitlement;
  const namesOf = (id: string) => product?.functions.find((one) => one.id === id)?.names ?? {};
  return (
    <Paper withBorder p="md" data-entitlement={entitlement.id}>
      <Stack gap={6}>
        <div className="shop-card-row">
          <Title order={3} size="h4" lang={name.lang} className="breakable">
            {name.text}
          </Title>
          <Tag color={COLORS[state]}>{text.states[state]}</Tag>
        </div>
        <Left entitlement={entitlement} />
        <ul className="shop-functions">
          {functions.map((id) => (
            <li key={id}>
              {product === undefined ? <span className="mono">{id}</span> : <LocalText texts={namesOf(id)} />}
            </li>
          ))}
          {correctionAppId !== null && <li>{shop.corrections}</li>}
        </ul>
        {orderId !== undefined && (
          <Link href={`/orders/${orderId}`} className="shop-link">
            {text.order}
          </Link>
        )}
      </Stack>
    </Paper>
  );
}

/** What is left of it, or why nothing is. */
function Left({ entitlement }: { readonly entitlement: Entitlement }) {
  const text = useText(vehicleMessages);
  const shop = useText(shopMessages);
  const formats = useFormats();
  const { state, endsAt, coveredUntil, uses, usesLeft, validSeconds, updatedAt } = entitlement;
  if (isOver(entitlement))
    return <Text size="sm">{text.endedAt(formats.zonedDateTime(endsAt ?? updatedAt))}</Text>;
  return (
    <>
      {usesLeft !== null && uses !== null && (
        <Text className="shop-left">{text.usesLeft(formats.number(usesLeft), formats.number(uses))}</Text>
      )}
      {state === 'active' && endsAt !== null && (
        <Text className="shop-left">
          <Remaining until={endsAt} words={text.left} />
        </Text>
      )}
      {endsAt !== null && <Text size="sm">{text.until(formats.zonedDateTime(endsAt))}</Text>}
      {endsAt === null && validSeconds !== null && <Text size="sm">{formats.duration(validSeconds)}</Text>}
      {validSeconds === null && uses === null && <Text size="sm">{shop.forGood}</Text>}
      {state === 'active' && coveredUntil !== null && endsAt !== null && coveredUntil > endsAt && (
        <Text size="sm">{text.then(formats.zonedDateTime(coveredUntil))}</Text>
      )}
      {state === 'waiting' && <Text size="sm">{text.waitsWords}</Text>}
      {state === 'suspended' && <Text size="sm">{text.suspendedWords}</Text>}
      {state === 'replaced' && <Text size="sm">{text.replacedWords}</Text>}
    </>
  );
}
