// The fields of a service spec.

import {
  Checkbox,
  Collapse,
  Fieldset,
  Group,
  MultiSelect,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
  UnstyledButton,
} from '@mantine/core';
import { useState } from 'react';
import { useText } from '../../i18n/messages.ts';
import { Choice } from '../../parts/choice.tsx';
import { CustomerChoice } from '../../parts/customer-choice.tsx';
import { Icon } from '../../parts/icon.tsx';
import { NumberField } from '../../parts/number-field.tsx';
import { StreamFields } from '../../parts/stream-fields.tsx';
import { specMessages } from './messages.ts';
import type { SpecFault, SpecForm } from './spec-form.ts';

const BANDS = [
  ...['L1', 'L2', 'L5', 'L6', 'G1', 'G2', 'E1', 'E5a', 'E5b', 'E5', 'E6'],
  ...['B1I', 'B1C', 'B2I', 'B2a', 'B2b', 'B3', 'S'],
];
const BASELINE_KM_MAX = 20_038;
const SECONDS_MAX = 3600;
const COLUMNS = { base: 1, sm: 2 } as const;

export interface SpecFieldsProps {
  readonly form: SpecForm;
  readonly set: (part: Partial<SpecForm>) => void;
  readonly faults: ReadonlySet<SpecFault>;
  readonly isNew: boolean;
}

export function SpecFields(props: SpecFieldsProps) {
  const { form, set, faults, isNew } = props;
  const text = useText(specMessages);
  return (
    <>
      {!isNew && (
        <Text size="sm" c="dimmed">
          {text.editWords}
        </Text>
      )}
      <SimpleGrid cols={COLUMNS}>
        <TextInput
          label={text.fields.name}
          value={form.name}
          error={faults.has('name') && text.fields.nameMissing}
          onChange={(event) => set({ name: event.currentTarget.value })}
          maxLength={200}
          required
          data-autofocus
          autoComplete="off"
        />
        {isNew && <CustomerChoice value={form.customerId} onChange={(customerId) => set({ customerId })} />}
      </SimpleGrid>
      <Fieldset legend={text.fields.stream}>
        <Stack gap="sm">
          <SimpleGrid cols={COLUMNS}>
            <StreamFields form={form} set={set} />
            <Choice
              label={text.fields.extra}
              texts={text.fields.extras}
              value={form.onExtraSession}
              onChange={(onExtraSession) => set({ onExtraSession })}
            />
          </SimpleGrid>
          <MoreOfStream {...props} />
        </Stack>
      </Fieldset>
      <Fieldset legend={text.fields.place}>
        <PlaceFields {...props} />
      </Fieldset>
    </>
  );
}

function MoreOfStream({ form, set, faults }: SpecFieldsProps) {
  const text = useText(specMessages).fields;
  const [isMore, setIsMore] = useState(
    form.bands.length > 0 ||
      form.messagesKept !== '' ||
      form.messagesDropped !== '' ||
      form.glonassChannelsKept,
  );
  const list = (name: 'messagesKept' | 'messagesDropped') => ({
    ...{ label: text[name], placeholder: text.messagesHint, value: form[name], autoComplete: 'off' },
    error: faults.has(name) && text.messagesWrong,
    onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }),
  });
  return (
    <>
      <UnstyledButton onClick={() => setIsMore(!isMore)} aria-expanded={isMore}>
        <Group gap={6}>
          <Icon name={isMore ? 'up' : 'down'} />
          {text.more}
        </Group>
      </UnstyledButton>
      <Collapse expanded={isMore}>
        <Stack gap="sm">
          <MultiSelect
            label={text.bands}
            placeholder={text.bandsHint}
            data={BANDS}
            value={[...form.bands]}
            onChange={(bands) => set({ bands })}
          />
          <SimpleGrid cols={COLUMNS}>
            <TextInput {...list('messagesKept')} />
            <TextInput {...list('messagesDropped')} />
          </SimpleGrid>
          <Checkbox
            label={text.glonass}
            checked={form.glonassChannelsKept}
            disabled={form.level !== '4'}
            onChange={(event) => set({ glonassChannelsKept: event.currentTarget.checked })}
          />
        </Stack>
      </Collapse>
    </>
  );
}

function PlaceFields({ form, set, faults }: SpecFieldsProps) {
  const text = useText(specMessages).fields;
  return (
    <Stack gap="sm">
      <Checkbox
        label={text.ignoreMountpoint}
        checked={form.ignoreMountpoint}
        onChange={(event) => set({ ignoreMountpoint: event.currentTarget.checked })}
      />
      <SimpleGrid cols={COLUMNS}>
        {form.ignoreMountpoint && (
          <NumberField
            label={text.maxBaselineKm}
            value={form.maxBaselineKm}
            onChange={(maxBaselineKm) => set({ maxBaselineKm })}
            max={BASELINE_KM_MAX}
            decimals={1}
            suffix=" km"
          />
        )}
        <Choice
          label={text.area}
          texts={text.areas}
          value={form.areaKind}
          onChange={(areaKind) => set({ areaKind })}
        />
        {form.areaKind === 'circle' && <CircleFields form={form} set={set} faults={faults} />}
        {form.areaKind === 'polygon' && (
          <Textarea
            label={text.corners}
            description={text.cornersHint}
            value={form.corners}
            error={faults.has('corners') && text.cornersWrong}
            onChange={(event) => set({ corners: event.currentTarget.value })}
            minRows={3}
            autosize
          />
        )}
        <NumberField
          label={text.gga}
          placeholder={text.ggaHint}
          value={form.ggaWithinS}
          onChange={(ggaWithinS) => set({ ggaWithinS })}
          min={1}
          max={SECONDS_MAX}
          suffix=" s"
        />
      </SimpleGrid>
      {form.ggaWithinS !== '' && (
        <Checkbox
          label={text.ggaAtLogin}
          checked={form.ggaAtLogin}
          onChange={(event) => set({ ggaAtLogin: event.currentTarget.checked })}
        />
      )}
    </Stack>
  );
}

const DEGREES_MAX = { latitude: 90, longitude: 180 } as const;

function CircleFields({ form, set, faults }: Omit<SpecFieldsProps, 'isNew'>) {
  const text = useText(specMessages).fields;
  return (
    <>
      {(['latitude', 'longitude'] as const).map((part) => (
        <NumberField
          key={part}
          label={text[part]}
          value={form[part]}
          onChange={(value) => set({ [part]: value })}
          min={-DEGREES_MAX[part]}
          max={DEGREES_MAX[part]}
          decimals={6}
          suffix="°"
          error={faults.has(part) ? text.areaMissing : undefined}
        />
      ))}
      <NumberField
        label={text.radiusKm}
        value={form.radiusKm}
        onChange={(radiusKm) => set({ radiusKm })}
        max={BASELINE_KM_MAX}
        decimals={3}
        suffix=" km"
        error={faults.has('radiusKm') ? text.areaMissing : undefined}
      />
    </>
  );
}
