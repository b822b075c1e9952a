// What vehicles may use, orders that do not fit with their money and rights, and what the queue gave up.

import { useCaller, useMay } from '../../api/caller.ts';
import { useText } from '../../i18n/messages.ts';
import { ScreenTabs } from '../../parts/screen-tabs.tsx';
import { DeadLetters } from './dead-letters.tsx';
import { EntitlementList } from './entitlement-list.tsx';
import { entitlementMessages } from './messages.ts';
import { Reconciliation } from './reconciliation.tsx';

export function EntitlementsScreen() {
  const { tabs } = useText(entitlementMessages);
  const mayReadOrders = useMay('orders:read');
  // The queue is of the whole process.
  const isOperator = useCaller().customerId === null;
  return (
    <ScreenTabs
      label={tabs.label}
      tabs={[
        { name: 'entitlements', title: tabs.entitlements, content: <EntitlementList /> },
        ...(mayReadOrders
          ? [{ name: 'reconciliation', title: tabs.reconciliation, content: <Reconciliation /> }]
          : []),
        ...(isOperator ? [{ name: 'dead-letters', title: tabs.deadLetters, content: <DeadLetters /> }] : []),
      ]}
    />
  );
}
