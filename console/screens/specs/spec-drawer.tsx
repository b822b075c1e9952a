// One service spec: what it says, what it makes of a real stream, its change and its end.

import { Anchor, Button, Group, Stack } from '@mantine/core';
import { useMemo } from 'react';
import { Link } from 'wouter';
import type { ServiceSpec } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useRead } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { Facts } from '../../parts/facts.tsx';
import { useNames } from '../../parts/names.ts';
import { RemoveThing } from '../../parts/remove-thing.tsx';
import { Section } from '../../parts/section.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { specMessages } from './messages.ts';
import { SpecDialog } from './spec-dialog.tsx';
import { formOf, shapeOf } from './spec-form.ts';
import { SpecPreview } from './spec-preview.tsx';
import { areaWords, mountpointWords, streamWords } from './spec-words.ts';

export interface SpecDrawerProps {
  /** Empty: closed. */
  readonly id: string;
  readonly isEditing: boolean;
  readonly onEdit: () => void;
  readonly onEdited: () => void;
  readonly onClose: () => void;
}

export function SpecDrawer({ id, isEditing, onEdit, onEdited, onClose }: SpecDrawerProps) {
  const found = useRead('GET /v1/service-specs/{id}', { path: { id } }, { enabled: id !== '' });
  const spec = found.data?.id === id ? found.data : undefined;
  return (
    <>
      <SideDrawer isOpen={id !== ''} onClose={onClose} size="xl" title={spec?.name} error={found.error}>
        {spec !== undefined && <Opened spec={spec} onEdit={onEdit} onRemoved={onClose} />}
      </SideDrawer>
      <SpecDialog
        isOpen={isEditing && spec !== undefined}
        changed={spec}
        onClose={onEdited}
        onSaved={onEdited}
      />
    </>
  );
}

interface OpenedProps {
  readonly spec: ServiceSpec;
  readonly onEdit: () => void;
  readonly onRemoved: () => void;
}

function Opened({ spec, onEdit, onRemoved }: OpenedProps) {
  const text = useText(specMessages);
  const common = useText(commonMessages);
  const mayWrite = useMay('specs:write');
  const mayReadUsage = useMay('usage:read');
  const shape = useMemo(() => shapeOf(formOf(spec)), [spec]);
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        {mayReadUsage ? (
          <Anchor component={Link} href={`/usage?spec=${encodeURIComponent(spec.id)}`} size="sm">
            {text.usage}
          </Anchor>
        ) : (
          <span />
        )}
        {mayWrite && (
          <Button size="xs" variant="default" onClick={onEdit}>
            {common.change}
          </Button>
        )}
      </Group>
      <Section title={text.facts}>
        <SpecFacts spec={spec} />
      </Section>
      <Section title={text.preview.title}>
        <SpecPreview shape={shape} mountpoints={spec.mountpoints ?? []} />
      </Section>
      {mayWrite && (
        <RemoveThing
          operation="DELETE /v1/service-specs/{id}"
          touches="/v1/service-specs"
          thing={spec}
          text={text}
          onRemoved={onRemoved}
        />
      )}
    </Stack>
  );
}

function SpecFacts({ spec }: { readonly spec: ServiceSpec }) {
  const text = useText(specMessages);
  const formats = useFormats();
  const names = useNames();
  const { ggaRequired, ignoreMountpoint } = spec;
  const gga = ggaRequired && formats.seconds(ggaRequired.withinS);
  return (
    <Facts
      facts={[
        { name: text.columns.customer, value: names.customer(spec.customerId) ?? text.operator },
        { name: text.columns.stream, value: streamWords(spec, text, formats) },
        { name: text.fields.glonass, value: spec.glonassChannelsKept === true && text.yes },
        { name: text.columns.mountpoints, value: mountpointWords(spec, text) },
        {
          name: text.fields.maxBaselineKm,
          value: ignoreMountpoint && formats.distance(spec.maxBaselineKm * 1000),
        },
        { name: text.fields.area, value: areaWords(spec, text, formats) },
        {
          name: text.fields.gga,
          value: gga && (ggaRequired.atLogin === true ? text.atLogin(gga) : text.within(gga)),
        },
        { name: text.columns.sessions, value: formats.number(spec.sessionsPerAccount) },
        { name: text.fields.extra, value: text.fields.extras[spec.onExtraSession] },
        { name: text.created, value: formats.dateTime(spec.createdAt) },
        { name: text.changed, value: formats.dateTime(spec.updatedAt) },
      ]}
    />
  );
}
