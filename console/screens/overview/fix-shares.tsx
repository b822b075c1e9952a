// How the rovers do, by what each last said of its fix.

import { Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { Session } from '../../api/api-types.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { FIX_COLORS, FIX_KINDS, fixKindOf, fixMessages, type FixKind } from '../../parts/fix.tsx';
import { overviewMessages } from './messages.ts';

function countsOf(sessions: readonly Session[]): ReadonlyMap<FixKind, number> {
  const counts = new Map<FixKind, number>();
  for (const { role, fix } of sessions) {
    if (role !== 'rover') continue;
    const kind = fixKindOf(fix);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

export function FixShares({ sessions }: { readonly sessions: readonly Session[] }) {
  const text = useText(overviewMessages);
  const words = useText(fixMessages);
  const formats = useFormats();
  const counts = countsOf(sessions);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const shown = FIX_KINDS.filter((kind) => counts.has(kind));
  return (
    <Paper withBorder p="md" radius="md" h="100%">
      <Stack gap="sm">
        <Title order={2} size="h5">
          {text.fixes}
        </Title>
        <div className="share-bar" aria-hidden="true">
          {shown.map((kind) => (
            <span
              key={kind}
              style={{
                flexGrow: counts.get(kind),
                background: `var(--mantine-color-${FIX_COLORS[kind]}-6)`,
              }}
            />
          ))}
        </div>
        <Stack gap={4}>
          {shown.map((kind) => (
            <Group key={kind} justify="space-between" wrap="nowrap">
              <Group gap={8} wrap="nowrap">
                <span
                  className="dot"
                  aria-hidden="true"
                  style={{ background: `var(--mantine-color-${FIX_COLORS[kind]}-6)` }}
                />
                <Text size="sm">{words[kind]}</Text>
              </Group>
              <Text size="sm" className="tabular">
                {formats.number(counts.get(kind)!)} · {formats.percent(counts.get(kind)! / total)}
              </Text>
            </Group>
          ))}
        </Stack>
        <Text size="xs" c="dimmed">
          {text.fixesOf(formats.number(total))}
        </Text>
      </Stack>
    </Paper>
  );
}
