// An empty network leads to its first rover: a mountpoint, a base, a rover, one step at a time.

import { Button, Stack, Text } from '@mantine/core';
import { Link } from 'wouter';
import { useMay } from '../../api/caller.ts';
import { useText } from '../../i18n/messages.ts';
import { CopyLine } from '../../parts/copy-line.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { useNtripAddress } from '../../parts/ntrip-address.ts';
import { overviewMessages } from './messages.ts';

export interface FirstStepsProps {
  /** Name of a mountpoint to begin with; undefined where there is none. */
  readonly mountpoint: string | undefined;
  readonly hasBase: boolean;
}

export function FirstSteps({ mountpoint, hasBase }: FirstStepsProps) {
  const text = useText(overviewMessages);
  const mayMake = useMay('mountpoints:write');
  const address = useNtripAddress();
  if (mountpoint === undefined) {
    return (
      <EmptyState title={text.emptyTitle} words={text.emptyNoMount}>
        {mayMake && (
          <Button component={Link} href="/mountpoints?new=1">
            {text.makeMountpoint}
          </Button>
        )}
      </EmptyState>
    );
  }
  return (
    <EmptyState title={text.emptyTitle} words={hasBase ? text.emptyNoRover : text.emptyNoBase}>
      <Stack w="100%" maw={760} ta="left" gap="xs">
        <CopyLine
          label={hasBase ? text.roverLine : text.baseLine}
          line={
            hasBase
              ? `str2str -in ntrip://USER:PASSWORD@${address}/${mountpoint} -out file://corrections.rtcm3`
              : `npm run rovercast -- base ntrip://base:PASSWORD@${address}/${mountpoint} --simulate 47.05,8.31,500`
          }
        />
        <Text size="sm" c="dimmed">
          {hasBase ? text.accountNote : text.passwordNote}
        </Text>
      </Stack>
    </EmptyState>
  );
}
