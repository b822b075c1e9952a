// The first base: lines that start one.

import { Stack, Text } from '@mantine/core';
import { useText } from '../../i18n/messages.ts';
import { CopyLine } from '../../parts/copy-line.tsx';
import { useNtripAddress } from '../../parts/ntrip-address.ts';
import { firstMessages } from './first-messages.ts';
import { Waiting } from './waiting.tsx';

export interface BaseStepProps {
  readonly mountpoint: string;
  /** Undefined where the mountpoint was there before. */
  readonly password: string | undefined;
}

export function BaseStep({ mountpoint, password }: BaseStepProps) {
  const text = useText(firstMessages).base;
  const at = `${useNtripAddress()}/${mountpoint}`;
  const secret = password ?? 'PASSWORD';
  return (
    <Stack gap="sm">
      <Text size="sm">{text.words}</Text>
      <CopyLine
        label={text.simulated}
        line={`npm run rovercast -- base ntrip://base:${secret}@${at} --simulate 47.05,8.31,500`}
      />
      <CopyLine
        label={text.receiver}
        line={`str2str -in serial://ttyACM0:115200 -out ntrips://:${secret}@${at}`}
      />
      {password === undefined && (
        <Text size="sm" c="dimmed">
          {text.placeholder}
        </Text>
      )}
      <Waiting words={text.waiting(mountpoint)} />
    </Stack>
  );
}
