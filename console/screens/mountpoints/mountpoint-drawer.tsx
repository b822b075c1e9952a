// One mountpoint: how its base does, what it is set to, lines by which a base and a rover connect, its change and its end.

import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { MountpointNow } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useRead } from '../../api/queries.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { CopyLine } from '../../parts/copy-line.tsx';
import { Facts } from '../../parts/facts.tsx';
import { HealthFacts } from '../../parts/health.tsx';
import { MessageTable } from '../../parts/message-table.tsx';
import { useNtripAddress } from '../../parts/ntrip-address.ts';
import { RemoveThing } from '../../parts/remove-thing.tsx';
import { Section } from '../../parts/section.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { mountpointMessages } from './messages.ts';
import { MountpointDialog } from './mountpoint-dialog.tsx';

const REFRESH_MS = 3000;

export interface MountpointDrawerProps {
  /** Empty: closed. */
  readonly id: string;
  readonly isEditing: boolean;
  readonly onEdit: () => void;
  readonly onEdited: () => void;
  readonly onClose: () => void;
}

export function MountpointDrawer({ id, isEditing, onEdit, onEdited, onClose }: MountpointDrawerProps) {
  const found = useRead(
    'GET /v1/mountpoints/{id}',
    { path: { id } },
    { enabled: id !== '', everyMs: REFRESH_MS },
  );
  const mountpoint = found.data?.id === id ? found.data : undefined;
  return (
    <>
      <SideDrawer isOpen={id !== ''} onClose={onClose} title={mountpoint?.name} error={found.error}>
        {mountpoint !== undefined && <Opened mountpoint={mountpoint} onEdit={onEdit} onRemoved={onClose} />}
      </SideDrawer>
      <MountpointDialog
        isOpen={isEditing && mountpoint?.source === 'api'}
        changed={mountpoint}
        onClose={onEdited}
        onSaved={onEdited}
      />
    </>
  );
}

interface OpenedProps {
  readonly mountpoint: MountpointNow;
  readonly onEdit: () => void;
  readonly onRemoved: () => void;
}

function Opened({ mountpoint, onEdit, onRemoved }: OpenedProps) {
  const text = useText(mountpointMessages);
  const mayWrite = useMay('mountpoints:write');
  const { name, health, source } = mountpoint;
  const at = `${useNtripAddress()}/${name}`;
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Anchor component={Link} href={`/connections?mountpoint=${encodeURIComponent(name)}`} size="sm">
          {text.rovers}
        </Anchor>
        {mayWrite && source === 'api' && (
          <Button size="xs" variant="default" onClick={onEdit}>
            {text.edit}
          </Button>
        )}
      </Group>
      <Section title={text.health}>
        {health === null ? (
          <Text size="sm" c="dimmed">
            {text.noHealth}
          </Text>
        ) : (
          <HealthFacts health={health} />
        )}
      </Section>
      {health !== null && health.messages.length > 0 && (
        <Section title={text.messages}>
          <MessageTable rows={health.messages} />
        </Section>
      )}
      <Section title={text.facts}>
        <Settings mountpoint={mountpoint} />
      </Section>
      <Section title={text.connect}>
        {mountpoint.hasSourcePassword && (
          <CopyLine
            label={text.baseLine}
            line={`str2str -in serial://ttyACM0:115200 -out ntrips://:PASSWORD@${at}`}
          />
        )}
        <CopyLine
          label={text.roverLine}
          line={`str2str -in ntrip://USER:PASSWORD@${at} -out serial://ttyUSB0:115200`}
        />
      </Section>
      {mayWrite && source === 'api' && (
        <RemoveThing
          operation="DELETE /v1/mountpoints/{id}"
          touches="/v1/mountpoints"
          thing={mountpoint}
          text={text}
          onRemoved={onRemoved}
        />
      )}
    </Stack>
  );
}

function Settings({ mountpoint }: { readonly mountpoint: MountpointNow }) {
  const text = useText(mountpointMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const yesNo = (value: boolean): string => (value ? common.yes : common.no);
  const timeOf = (time: string | null): string | null => time && formats.dateTime(time);
  return (
    <Stack gap="xs">
      {mountpoint.source === 'configuration' && <Text size="sm">{text.fileNote}</Text>}
      <Facts
        facts={[
          { name: text.accessLabel, value: text.access[mountpoint.access] },
          { name: text.shared, value: text.sharedWith[mountpoint.sharedWith] },
          { name: text.place, value: mountpoint.place },
          { name: text.country, value: mountpoint.country },
          { name: text.network, value: mountpoint.network },
          { name: text.second, value: text.secondBase[mountpoint.secondBase] },
          { name: text.listed, value: yesNo(mountpoint.listed) },
          { name: text.fee, value: yesNo(mountpoint.fee) },
          { name: text.chunked, value: yesNo(mountpoint.chunked) },
          { name: text.raw, value: yesNo(mountpoint.raw) },
          { name: text.created, value: timeOf(mountpoint.createdAt) },
          { name: text.changed, value: timeOf(mountpoint.updatedAt) },
        ]}
      />
    </Stack>
  );
}
