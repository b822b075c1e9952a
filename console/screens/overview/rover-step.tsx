// The first rover: lines and fields that connect one, and how it does as soon as it is there.

import { Anchor, Group, SegmentedControl, SimpleGrid, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import type { AccountCredentials, Session } from '../../api/api-types.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { CopyLine } from '../../parts/copy-line.tsx';
import { FixBadge, fixKindOf } from '../../parts/fix.tsx';
import { useNtripAddress } from '../../parts/ntrip-address.ts';
import { firstMessages } from './first-messages.ts';
import { Waiting } from './waiting.tsx';

const KINDS = ['str2str', 'ucenter', 'phone', 'simulated'] as const;
type Kind = (typeof KINDS)[number];

export interface RoverStepProps {
  readonly mountpoint: string;
  /** Undefined where somebody has one of his own. */
  readonly account: AccountCredentials | undefined;
}

export function RoverStep({ mountpoint, account }: RoverStepProps) {
  const text = useText(firstMessages).rover;
  const address = useNtripAddress();
  const [kind, setKind] = useState<Kind>('str2str');
  const user = account?.username ?? 'USER';
  const password = account?.password ?? 'PASSWORD';
  const place = `ntrip://${user}:${password}@${address}/${mountpoint}`;
  const colon = address.lastIndexOf(':');
  const fields = {
    host: address.slice(0, colon),
    port: address.slice(colon + 1),
    ...{ mountpoint, user, password },
  };
  return (
    <Stack gap="sm">
      <Text size="sm">{text.words}</Text>
      <SegmentedControl
        aria-label={text.title}
        data={KINDS.map((one) => ({ value: one, label: text.kinds[one] }))}
        value={kind}
        onChange={setKind}
        className="tabs"
      />
      {kind === 'str2str' && (
        <CopyLine label={text.line} line={`str2str -in ${place} -out serial://ttyUSB0:115200`} />
      )}
      {kind === 'simulated' && (
        <CopyLine label={text.simulated} line={`npm run rovercast -- rover ${place} --gga 47.05,8.31`} />
      )}
      {(kind === 'ucenter' || kind === 'phone') && (
        <>
          <Text size="sm">{text[kind]}</Text>
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="sm">
            {(Object.keys(fields) as (keyof typeof fields)[]).map((name) => (
              <CopyLine key={name} label={text.fields[name]} line={fields[name]} />
            ))}
          </SimpleGrid>
        </>
      )}
      <Text size="sm" c="dimmed">
        {account === undefined ? text.placeholder : text.once}
      </Text>
      <Waiting words={text.waiting} />
    </Stack>
  );
}

/** It receives; its fix goes on being shown. */
export function FirstRover({ rover }: { readonly rover: Session }) {
  const text = useText(firstMessages).rover;
  const common = useText(commonMessages);
  const formats = useFormats();
  const { id, account, mountpoint, servedMountpoint, fix, epochs } = rover;
  return (
    <Stack gap="xs" role="status">
      <Group gap="sm">
        <span>{text.receives(account ?? common.role.rover, servedMountpoint ?? mountpoint)}</span>
        {fix !== null && <FixBadge kind={fixKindOf(fix)} />}
        {epochs !== null && <span>{text.epochs(formats.number(epochs))}</span>}
      </Group>
      {fix === null && <Text size="sm">{text.noFix}</Text>}
      <Group gap="md">
        <Anchor component={Link} href={`/connections?session=${encodeURIComponent(id)}`} size="sm">
          {text.connection}
        </Anchor>
        {fix !== null && (
          <Anchor component={Link} href="/map" size="sm">
            {text.map}
          </Anchor>
        )}
      </Group>
    </Stack>
  );
}
