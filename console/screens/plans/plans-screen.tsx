// The billing plans: what services cost; one opened, one made, one changed.

import { Button } from '@mantine/core';
import { useMemo } from 'react';
import type { BillingPlan } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useList } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import type { Column } from '../../parts/data-table.tsx';
import { FoundList } from '../../parts/found-list.tsx';
import { Icon } from '../../parts/icon.tsx';
import { useNames } from '../../parts/names.ts';
import { useQueryState } from '../../parts/use-query-state.ts';
import { planMessages } from './messages.ts';
import { PlanDialog } from './plan-dialog.tsx';
import { PlanDrawer } from './plan-drawer.tsx';
import { usePlanWords } from './plan-words.ts';

const wordsOf = ({ name, currency }: BillingPlan): string => `${name} ${currency}`;

export function PlansScreen() {
  const text = useText(planMessages);
  const state = useQueryState();
  const mayWrite = useMay('plans:write');
  const list = useList('GET /v1/billing-plans', { query: {} });
  const columns = useColumns();
  return (
    <>
      <FoundList
        list={list}
        text={text}
        columns={columns}
        wordsOf={wordsOf}
        openId={state.get('plan')}
        onOpen={({ id }) => state.set({ plan: id }, 'push')}
        make={
          mayWrite && (
            <Button leftSection={<Icon name="plus" />} onClick={() => state.set({ new: '1' }, 'push')}>
              {text.make}
            </Button>
          )
        }
      />
      <PlanDrawer
        id={state.get('plan')}
        isEditing={state.get('edit') !== '' && mayWrite}
        onEdit={() => state.set({ edit: '1' }, 'push')}
        onEdited={() => state.set({ edit: '' })}
        onClose={() => state.set({ plan: '', edit: '' })}
      />
      <PlanDialog
        isOpen={state.get('new') !== '' && mayWrite}
        onClose={() => state.set({ new: '' })}
        onSaved={({ id }) => state.set({ new: '', plan: id })}
      />
    </>
  );
}

function useColumns(): readonly Column<BillingPlan>[] {
  const text = useText(planMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const names = useNames();
  const words = usePlanWords();
  return useMemo(() => {
    const { columns } = text;
    return [
      { ...{ id: 'name', title: columns.name, minPx: 170, grow: 1.4 }, cell: ({ name }) => name },
      {
        ...{ id: 'price', title: columns.price, minPx: 190, grow: 1.4 },
        cell: (plan) => words.price(plan),
      },
      {
        ...{ id: 'included', title: columns.included, minPx: 150, grow: 1 },
        cell: (plan) => words.included(plan) ?? common.none,
      },
      { ...{ id: 'mode', title: columns.mode, minPx: 110 }, cell: ({ mode }) => text.mode[mode] },
      {
        ...{ id: 'validity', title: columns.validity, minPx: 210, grow: 1 },
        cell: ({ validityDays }) =>
          validityDays === null ? common.none : text.days(formats.number(validityDays)),
      },
      {
        ...{ id: 'customer', title: columns.customer, minPx: 140, grow: 1 },
        cell: ({ customerId }) => names.customer(customerId) ?? text.operator,
      },
    ] satisfies readonly Column<BillingPlan>[];
  }, [text, common, formats, names, words]);
}
