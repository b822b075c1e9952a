// A fleet made by the API: a service spec where one is wanted, the app, and the accounts of its pool. Each step is kept,
// so that going on after a failure repeats nothing that has been done.

import type { AccountCredentials, AppWithSecret, NewAppInput } from '../../api/api-types.ts';
import { call, newIdempotencyKey } from '../../api/client.ts';
import { NEW_STREAM, streamOf, type StreamForm } from '../../parts/stream-fields.tsx';

export const SPEC_KINDS = ['all', 'existing', 'made'] as const;
export type SpecKind = (typeof SPEC_KINDS)[number];
export type FleetStep = 'spec' | 'app' | 'accounts';

export interface FleetForm extends StreamForm {
  readonly name: string;
  readonly customerId: string;
  readonly activation: NonNullable<NewAppInput['activation']>;
  readonly bound: boolean;
  readonly specKind: SpecKind;
  readonly specId: string;
  readonly planId: string;
  readonly sessionsMax: number | '';
  readonly devicesMax: number | '';
  readonly count: number;
  readonly prefix: string;
}

export const NEW_FLEET: FleetForm = {
  ...{ name: '', customerId: '', activation: 'first_connect', bound: false, specKind: 'all', specId: '' },
  ...NEW_STREAM,
  ...{ planId: '', sessionsMax: '', devicesMax: '', count: 10, prefix: '' },
};

/** What of a fleet is there already. */
export interface Fleet {
  readonly specId?: string | null;
  readonly app?: AppWithSecret;
  readonly accounts?: readonly AccountCredentials[];
}

/** One for each step, made once a form: a step that is sent again, as its answer was lost, makes no second thing. */
export type FleetKeys = Readonly<Record<FleetStep, string>>;

export function newFleetKeys(): FleetKeys {
  return { spec: newIdempotencyKey(), app: newIdempotencyKey(), accounts: newIdempotencyKey() };
}

const ownerOf = ({ customerId }: FleetForm) => (customerId === '' ? {} : { customerId });

function appOf(form: FleetForm, serviceSpecId: string | null): NewAppInput {
  const { name, activation, bound, planId, sessionsMax, devicesMax } = form;
  return {
    ...{
      name,
      ...ownerOf(form),
      activation,
      bound,
      serviceSpecId,
      billingPlanId: planId === '' ? null : planId,
    },
    quota: {
      ...(sessionsMax === '' ? {} : { sessionsMax }),
      ...(devicesMax === '' ? {} : { devicesMax }),
    },
  };
}

/** Goes on from `begun`; `onStep` hears of each step before it, `onDone` what is there after it. */
export async function makeFleet(
  form: FleetForm,
  begun: Fleet,
  keys: FleetKeys,
  onStep: (step: FleetStep) => void,
  onDone: (fleet: Fleet) => void,
): Promise<void> {
  let fleet = begun;
  const once = (step: FleetStep) => ({ idempotencyKey: keys[step] });
  const done = (part: Fleet): void => {
    fleet = { ...fleet, ...part };
    onDone(fleet);
  };
  if (fleet.specId === undefined) {
    onStep('spec');
    if (form.specKind === 'made')
      done({
        specId: (
          await call(
            'POST /v1/service-specs',
            { body: { name: form.name, ...ownerOf(form), ...streamOf(form) } },
            once('spec'),
          )
        ).id,
      });
    else done({ specId: form.specKind === 'existing' ? form.specId : null });
  }
  if (fleet.app === undefined) {
    onStep('app');
    done({ app: await call('POST /v1/apps', { body: appOf(form, fleet.specId ?? null) }, once('app')) });
  }
  if (fleet.accounts === undefined) {
    onStep('accounts');
    const { count, prefix } = form;
    const given = {
      path: { id: fleet.app!.id },
      body: { count, ...(prefix === '' ? {} : { prefix }) },
    };
    const made = count === 0 ? [] : (await call('POST /v1/apps/{id}/accounts', given, once('accounts'))).data;
    done({ accounts: made });
  }
}
