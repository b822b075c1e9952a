// What was used, what was charged for it, and the statements that say so to a customer.

import { Tabs } from '@mantine/core';
import { useMay } from '../../api/caller.ts';
import { useText } from '../../i18n/messages.ts';
import { useQueryState } from '../../parts/use-query-state.ts';
import { ChargesTab } from './charges-tab.tsx';
import { usageMessages } from './messages.ts';
import { StatementsTab } from './statements-tab.tsx';
import { UsageTab } from './usage-tab.tsx';

const TABS = ['usage', 'charges', 'statements'] as const;

export function UsageScreen() {
  const text = useText(usageMessages);
  const state = useQueryState();
  const mayReadCharges = useMay('charges:read');
  const offered = TABS.filter((tab) => tab === 'usage' || mayReadCharges);
  const wanted = state.get('tab');
  const shown = offered.find((tab) => tab === wanted) ?? 'usage';
  return (
    <Tabs
      value={shown}
      onChange={(tab) => state.set({ tab: tab === 'usage' ? '' : (tab ?? '') }, 'push')}
      keepMounted={false}
    >
      <Tabs.List mb="md">
        {offered.map((tab) => (
          <Tabs.Tab key={tab} value={tab}>
            {text.tabs[tab]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="usage">
        <UsageTab />
      </Tabs.Panel>
      <Tabs.Panel value="charges">
        <ChargesTab />
      </Tabs.Panel>
      <Tabs.Panel value="statements">
        <StatementsTab />
      </Tabs.Panel>
    </Tabs>
  );
}
