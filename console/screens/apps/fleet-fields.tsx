// The form of a new fleet.

import {
  Button,
  Checkbox,
  Group,
  MultiSelect,
  NumberInput,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { useCaller, useMay } from '../../api/caller.ts';
import { ApiError } from '../../api/client.ts';
import { useRead, useRefresh } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useText } from '../../i18n/messages.ts';
import { ProblemBox } from '../../parts/problem-box.tsx';
import {
  makeFleet,
  NEW_FLEET,
  SPEC_KINDS,
  type Fleet,
  type FleetForm,
  type FleetStep,
} from './make-fleet.ts';
import { appMessages } from './messages.ts';
import { useNames } from './names.ts';

const SYSTEMS = ['GPS', 'GLO', 'GAL', 'BDS', 'QZS', 'SBAS', 'IRN'];
const ACCOUNTS_MAX = 10_000;

export interface FleetFieldsProps {
  /** What is there already, after a step that failed. */
  readonly fleet: Fleet;
  readonly onFleet: (fleet: Fleet) => void;
  readonly onCancel: () => void;
}

export function FleetFields({ fleet, onFleet, onCancel }: FleetFieldsProps) {
  const text = useText(appMessages).form;
  const common = useText(commonMessages);
  const refresh = useRefresh();
  const [form, setForm] = useState(NEW_FLEET);
  const [wasSent, setWasSent] = useState(false);
  const [step, setStep] = useState<FleetStep>();
  const [error, setError] = useState<ApiError>();
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
      await makeFleet({ ...form, name: form.name.trim() }, fleet, setStep, onFleet);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
    } finally {
      setStep(undefined);
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
          <CustomerChoice value={form.customerId} onChange={(customerId) => set({ customerId })} />
        </SimpleGrid>
        <SpecFields form={form} set={set} fault={shown.specId} />
        <AccessFields form={form} set={set} />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <NumberInput
            label={text.count}
            value={form.count}
            onChange={(value) => set({ count: Number(value) })}
            {...{ min: 0, max: ACCOUNTS_MAX, clampBehavior: 'strict', allowDecimal: false }}
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
        {error !== undefined && <ProblemBox error={error} />}
        <Group justify="flex-end">
          <Text size="sm" c="dimmed" role="status">
            {step && text.steps[step]}
          </Text>
          <Button variant="default" onClick={onCancel}>
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

interface FieldsProps {
  readonly form: FleetForm;
  readonly set: (part: Partial<FleetForm>) => void;
}

/** A customer's own key makes what is the customer's, and is not asked. */
function CustomerChoice({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (id: string) => void;
}) {
  const text = useText(appMessages).form;
  const isOperator = useCaller().customerId === null;
  const customers = useRead(
    'GET /v1/customers',
    { query: { limit: 100 } },
    { enabled: useMay('customers:read') && isOperator },
  );
  if (!isOperator) return null;
  return (
    <Select
      label={text.customer}
      placeholder={text.customerHint}
      data={(customers.data?.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      value={value || null}
      onChange={(id) => onChange(id ?? '')}
      clearable
      searchable
    />
  );
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
      {form.specKind === 'made' && <NewSpecFields form={form} set={set} />}
    </Stack>
  );
}

function NewSpecFields({ form, set }: FieldsProps) {
  const text = useText(appMessages).form;
  const mountpoints = useRead(
    'GET /v1/mountpoints',
    { query: { limit: 100 } },
    { enabled: useMay('mountpoints:read') },
  );
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <MultiSelect
        label={text.mountpoints}
        placeholder={text.mountpointsHint}
        data={(mountpoints.data?.data ?? []).map(({ name }) => name)}
        value={[...form.mountpoints]}
        onChange={(names) => set({ mountpoints: names })}
        searchable
      />
      <MultiSelect
        label={text.constellations}
        placeholder={text.constellationsHint}
        data={SYSTEMS}
        value={[...form.constellations]}
        onChange={(constellations) => set({ constellations })}
      />
      <Select
        label={text.level}
        placeholder={text.levelHint}
        data={['4', '5', '7']}
        value={form.level || null}
        onChange={(level) => set({ level: level ?? '' })}
        clearable
      />
      <NumberInput
        label={text.interval}
        placeholder={text.levelHint}
        value={form.intervalS}
        onChange={(value) => set({ intervalS: value === '' ? '' : Number(value) })}
        {...{ min: 1, max: 3600, clampBehavior: 'strict', allowDecimal: false }}
      />
      <NumberInput
        label={text.sessions}
        value={form.sessionsPerAccount}
        onChange={(value) => set({ sessionsPerAccount: Number(value) || 1 })}
        {...{ min: 1, max: 1_000_000, clampBehavior: 'strict', allowDecimal: false }}
      />
    </SimpleGrid>
  );
}

function AccessFields({ form, set }: FieldsProps) {
  const all = useText(appMessages);
  const text = all.form;
  const { plans } = useNames();
  const limit = { min: 0, max: 10_000_000, clampBehavior: 'strict', allowDecimal: false } as const;
  const numberOf = (value: number | string): number | '' => (value === '' ? '' : Number(value));
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
      <NumberInput
        label={text.quota}
        placeholder={all.unlimited}
        value={form.sessionsMax}
        onChange={(value) => set({ sessionsMax: numberOf(value) })}
        {...limit}
      />
      <NumberInput
        label={text.devices}
        placeholder={all.unlimited}
        value={form.devicesMax}
        onChange={(value) => set({ devicesMax: numberOf(value) })}
        {...limit}
      />
      <Checkbox
        label={text.bound}
        checked={form.bound}
        onChange={(event) => set({ bound: event.currentTarget.checked })}
      />
    </SimpleGrid>
  );
}
