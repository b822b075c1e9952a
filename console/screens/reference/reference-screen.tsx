// The API as the one who is signed in may call it: each operation with a line to copy. Every field stands in the
// reference that the server has beside the console.

import { Alert, Anchor, Checkbox, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import type { Caller } from '../../api/api-types.ts';
import { useCaller } from '../../api/caller.ts';
import { useApiDocument, type ApiOperation } from '../../api/openapi-document.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import { CopyLine } from '../../parts/copy-line.tsx';
import { DataTable, type Column } from '../../parts/data-table.tsx';
import { Facts } from '../../parts/facts.tsx';
import { FIRST_FILTER } from '../../parts/first-filter.ts';
import { Icon } from '../../parts/icon.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { useQueryState } from '../../parts/use-query-state.ts';
import { curlLine } from './curl-line.ts';
import { referenceMessages } from './messages.ts';

function mayCall({ scopes, customerId }: Caller, { scope, operatorsOnly }: ApiOperation): boolean {
  if (operatorsOnly && customerId !== null) return false;
  // What devices call is signed by their app.
  return scope === 'public' || scope === 'key' || scopes.some((own) => own === scope);
}

export function ReferenceScreen() {
  const text = useText(referenceMessages);
  const common = useText(commonMessages);
  const formats = useFormats();
  const state = useQueryState();
  const caller = useCaller();
  const { operations, error } = useApiDocument();
  const [find, all] = [state.get('find'), state.get('all') !== ''];
  const columns = useColumns();
  const rows = useMemo(() => {
    const words = find.toLowerCase().split(/\s+/).filter(Boolean);
    return (operations ?? []).filter((one) => {
      if (!all && !mayCall(caller, one)) return false;
      const { id, operationId, summary, scope, tag } = one;
      const written = `${id} ${operationId} ${summary} ${scope} ${tag}`.toLowerCase();
      return words.every((word) => written.includes(word));
    });
  }, [operations, find, all, caller]);
  const opened = operations?.find(({ operationId }) => operationId === state.get('operation'));
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {text.lead}
        </Text>
        <Group gap="md">
          <Anchor href="/reference/" target="_blank" size="sm">
            {text.whole}
          </Anchor>
          <Anchor href="/openapi.json" target="_blank" size="sm">
            {text.document}
          </Anchor>
        </Group>
      </Group>
      <Group align="flex-end" gap="md">
        <TextInput
          {...FIRST_FILTER}
          label={common.find}
          placeholder={text.findHint}
          value={find}
          onChange={(event) => state.set({ find: event.currentTarget.value })}
          leftSection={<Icon name="search" />}
          w={300}
        />
        <Checkbox
          label={text.all}
          checked={all}
          onChange={(event) => state.set({ all: event.currentTarget.checked ? '1' : '' })}
          mb={8}
        />
      </Group>
      {error !== null && <ProblemBox error={error} />}
      <Text size="sm" c="dimmed" role="status">
        {operations === undefined ? common.loading : text.counted(formats.number(rows.length))}
      </Text>
      <DataTable
        label={text.table}
        rows={rows}
        columns={columns}
        keyOf={({ operationId }) => operationId}
        selectedKey={state.get('operation')}
        onOpen={({ operationId }) => state.set({ operation: operationId }, 'push')}
        height="calc(100dvh - 280px)"
      />
      <SideDrawer
        isOpen={state.get('operation') !== ''}
        onClose={() => state.set({ operation: '' })}
        title={opened && text.one}
      >
        {opened !== undefined && <Opened operation={opened} mayCall={mayCall(caller, opened)} />}
      </SideDrawer>
    </Stack>
  );
}

interface OpenedProps {
  readonly operation: ApiOperation;
  readonly mayCall: boolean;
}

function Opened({ operation, mayCall: isMine }: OpenedProps) {
  const text = useText(referenceMessages);
  const { id, operationId, method, path, tag, summary, description, scope, operatorsOnly } = operation;
  const scopes: Readonly<Record<string, string>> = text.scopes;
  return (
    <Stack gap="md">
      {!isMine && <Alert color="yellow">{text.mayNot}</Alert>}
      <Text lang="en">{summary}</Text>
      {description !== '' && (
        <Text size="sm" lang="en">
          {description}
        </Text>
      )}
      <Facts
        facts={[
          { name: text.name, value: operationId, isMono: true },
          { name: text.columns.path, value: id, isMono: true },
          { name: text.scope, value: scopes[scope] ?? <span className="mono">{scope}</span> },
          { name: '', value: operatorsOnly && text.operatorsOnly },
        ]}
      />
      <CopyLine label={text.curl} line={curlLine(window.location.origin, operation)} />
      <Text size="sm" c="dimmed">
        {text.curlNote}
      </Text>
      <Anchor href={`/reference/#tag/${tag}/${method}${path}`} target="_blank" size="sm">
        {text.more}
      </Anchor>
    </Stack>
  );
}

function useColumns(): readonly Column<ApiOperation>[] {
  const text = useText(referenceMessages);
  return useMemo(() => {
    const { columns } = text;
    const scopes: Readonly<Record<string, string>> = text.scopes;
    return [
      {
        ...{ id: 'method', title: columns.method, minPx: 84 },
        cell: ({ method }) => <span className="mono">{method}</span>,
      },
      {
        ...{ id: 'path', title: columns.path, minPx: 300, grow: 2 },
        cell: ({ path }) => <span className="mono">{path}</span>,
      },
      {
        ...{ id: 'does', title: columns.does, minPx: 260, grow: 3 },
        cell: ({ summary }) => <span lang="en">{summary}</span>,
      },
      {
        ...{ id: 'scope', title: columns.scope, minPx: 160 },
        cell: ({ scope }) => scopes[scope] ?? <span className="mono">{scope}</span>,
      },
    ] satisfies readonly Column<ApiOperation>[];
  }, [text]);
}
