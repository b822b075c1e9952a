// The form of a new fleet.

import {
  Button,
  Checkbox,
  Fieldset,
  Group,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useState, type ReactNode, type SubmitEvent } from 'react';
import { useMay } from '../../api/caller.ts';
import { ApiError } from '../../api/client.ts';
import { useRefresh } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useText } from '../../i18n/messages.ts';
import { CustomerChoice } from '../../parts/customer-choice.tsx';
import { useNames } from '../../parts/names.ts';
import { NumberField } from '../../parts/number-field.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { StreamFields } from '../../parts/stream-fields.tsx';
import {
  makeFleet,
  newFleetKeys,
  NEW_FLEET,
  SPEC_KINDS,
  type Fleet,
  type FleetForm,
  type FleetStep,
} from './make-fleet.ts';
import { appMessages } from './messages.ts';

const ACCOUNTS_MAX = 10_000;
const LIMIT_MAX = 10_000_000;
/** After these a step may have been done. */
const UNKNOWN = new Set(['unreachable', 'unreadable', 'idempotency_in_progress']);

/** Whether what was asked for may have been done all the same. */
function isUnknown(failure: unknown): boolean {
  return failure instanceof ApiError && (UNKNOWN.has(failure.code) || failure.status >= 500);
}

export interface FleetFieldsProps {
  /** What is there already, after a step that failed. */
  readonly fleet: Fleet;
  readonly onFleet: (fleet: Fleet) => void;
  /** Under way now. */
  readonly step: FleetStep | undefined;
  readonly onStep: (step: FleetStep | undefined) => void;
  readonly onCancel: () => void;
}

export function FleetFields({ fleet, onFleet, step, onStep, onCancel }: FleetFieldsProps) {
  const text = useText(appMessages).form;
  const common = useText(commonMessages);
  const refresh = useRefresh();
  const [form, setForm] = useState(NEW_FLEET);
  const [wasSent, setWasSent] = useState(false);
  const [keys, setKeys] = useState(newFleetKeys);
  const [error, setError] = useState<Error>();
  // Where no answer came nobody knows whether the step was done: it can only be sent again as it was.
  const isFixed = step !== undefined || isUnknown(error);
  const set = (part: Partial<FleetForm>): void => setForm((before) => ({ ...before, ...part }));
  const faults = {
    ...(form.name.trim() === '' ? { name: text.nameMissing } : {}),
    ...(form.specKind === 'existing' && form.specId === '' ? { specId: text.specMissing } : {}),
    ...(/^[!-.0-9;-~]{0,24}$/.test(form.prefix) ? {} : { prefix: text.prefixWrong }),
  };
  const shown: typeof faults = wasSent ? faults : {};

  const send = async (): Promise<void> => {
    setError(undefined);
    try {
      await makeFleet({ ...form, name: form.name.trim() }, fleet, keys, onStep, onFleet);
    } catch (failure) {
      // Refused: nothing was done, and under the same keys the server would only repeat its refusal.
      if (!isUnknown(failure)) setKeys(newFleetKeys());
      setError(failure instanceof Error ? failure : new Error(String(failure)));
    } finally {
      onStep(undefined);
      refresh();
    }
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setWasSent(true);
    if (Object.keys(faults).length === 0) void send();
  };

  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Fixed when={isFixed || fleet.app !== undefined}>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput
              label={text.name}
              value={form.name}
              error={shown.name}
              onChange={(event) => set({ name: event.currentTarget.value })}
              maxLength={200}
              required
              data-autofocus
              autoComplete="off"
            />
            <Fixed when={typeof fleet.specId === 'string'}>
              <CustomerChoice value={form.customerId} onChange={(customerId) => set({ customerId })} />
            </Fixed>
          </SimpleGrid>
        </Fixed>
        <Fixed when={isFixed || fleet.specId !== undefined}>
          <SpecFields form={form} set={set} fault={shown.specId} />
        </Fixed>
        <Fixed when={isFixed || fleet.app !== undefined}>
          <AccessFields form={form} set={set} />
        </Fixed>
        <Fixed when={isFixed}>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <NumberField
              label={text.count}
              value={form.count}
              onChange={(count) => set({ count: Number(count) })}
              max={ACCOUNTS_MAX}
            />
            <TextInput
              label={text.prefix}
              placeholder={common.optional}
              value={form.prefix}
              error={shown.prefix}
              onChange={(event) => set({ prefix: event.currentTarget.value })}
              maxLength={24}
              autoComplete="off"
            />
          </SimpleGrid>
        </Fixed>
        {error !== undefined && <ProblemBox error={error} />}
        <Group justify="flex-end">
          <Text size="sm" c="dimmed" role="status">
            {step && text.steps[step]}
          </Text>
          <Button variant="default" onClick={onCancel} disabled={step !== undefined}>
            {common.cancel}
          </Button>
          <Button type="submit" loading={step !== undefined}>
            {text.go}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What has been made, or is being made, is not changed by changing its fields. */
function Fixed({ when, children }: { readonly when: boolean; readonly children: ReactNode }) {
  return (
    <Fieldset variant="unstyled" disabled={when} miw={0}>
      {children}
    </Fieldset>
  );
}

interface FieldsProps {
  readonly form: FleetForm;
  readonly set: (part: Partial<FleetForm>) => void;
}

function SpecFields({ form, set, fault }: FieldsProps & { readonly fault: string | undefined }) {
  const text = useText(appMessages).form;
  const { specs } = useNames();
  const mayMake = useMay('specs:write');
  const kinds = SPEC_KINDS.filter((kind) => kind !== 'made' || mayMake);
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500} id="fleet-spec">
        {text.spec}
      </Text>
      <SegmentedControl
        aria-labelledby="fleet-spec"
        data={kinds.map((kind) => ({ value: kind, label: text.specKinds[kind] }))}
        value={form.specKind}
        onChange={(specKind) => set({ specKind })}
      />
      {form.specKind === 'existing' && (
        <Select
          label={text.specChoice}
          data={specs.map(({ id, name }) => ({ value: id, label: name }))}
          value={form.specId || null}
          error={fault}
          onChange={(id) => set({ specId: id ?? '' })}
          searchable
        />
      )}
      {form.specKind === 'made' && (
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <StreamFields form={form} set={set} />
        </SimpleGrid>
      )}
    </Stack>
  );
}

function AccessFields({ form, set }: FieldsProps) {
  const all = useText(appMessages);
  const text = all.form;
  const { plans } = useNames();
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <Select
        label={text.activation}
        data={(['first_connect', 'console', 'terminal'] as const).map((one) => ({
          value: one,
          label: all.activation[one],
        }))}
        value={form.activation}
        onChange={(activation) => activation !== null && set({ activation })}
        allowDeselect={false}
      />
      <Select
        label={text.plan}
        placeholder={text.planHint}
        data={plans.map(({ id, name }) => ({ value: id, label: name }))}
        value={form.planId || null}
        onChange={(planId) => set({ planId: planId ?? '' })}
        clearable
        searchable
      />
      <NumberField
        label={text.quota}
        placeholder={all.unlimited}
        value={form.sessionsMax}
        onChange={(sessionsMax) => set({ sessionsMax })}
        max={LIMIT_MAX}
      />
      <NumberField
        label={text.devices}
        placeholder={all.unlimited}
        value={form.devicesMax}
        onChange={(devicesMax) => set({ devicesMax })}
        max={LIMIT_MAX}
      />
      <Checkbox
        label={text.bound}
        checked={form.bound}
        onChange={(event) => set({ bound: event.currentTarget.checked })}
      />
    </SimpleGrid>
  );
}
