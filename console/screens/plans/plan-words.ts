// A billing plan in a few words: what it costs, for how much of what.

import { useMemo } from 'react';
import type { BillingPlan } from '../../api/api-types.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { useCountedUnits, type Counts } from '../../parts/counted-units.ts';
import { planMessages } from './messages.ts';
import { PER_UNITS } from './plan-form.ts';

type PerName = keyof (typeof planMessages)['en']['per'];

export interface PlanWords {
  /** What a price is for: `hour`. */
  readonly per: (plan: Pick<BillingPlan, 'counts' | 'per' | 'period'>) => string;
  /** `€0.25 per hour`. */
  readonly price: (plan: BillingPlan, micros?: number) => string;
  readonly included: (plan: BillingPlan) => string | null;
  readonly units: (counts: Counts, units: number) => string;
}

export function usePlanWords(): PlanWords {
  const text = useText(planMessages);
  const formats = useFormats();
  const units = useCountedUnits();
  return useMemo(() => {
    const per: PlanWords['per'] = ({ counts, per: many, period }) => {
      if (counts === 'period') return text.per.calendar[period ?? 'month'];
      const [name] = Object.entries(PER_UNITS[counts]).find(([, size]) => size === many) ?? [];
      const found = name === undefined ? undefined : text.per[name as PerName];
      return typeof found === 'string' ? found : text.per.other(formats.number(many));
    };
    return {
      per,
      units,
      price: (plan, micros = plan.priceMicros) => text.price(formats.money(micros, plan.currency), per(plan)),
      included: ({ counts, included, period }) => {
        if (included === 0) return null;
        const much = units(counts, included);
        return period === null || counts === 'period'
          ? much
          : text.includedIn(much, text.per.calendar[period]);
      },
    };
  }, [text, formats, units]);
}
