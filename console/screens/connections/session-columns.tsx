// The columns of the connections.

import { useMemo } from 'react';
import type { Session } from '../../api/api-types.ts';
import { commonMessages } from '../../app/common-messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useText } from '../../i18n/messages.ts';
import type { Column } from '../../parts/data-table.tsx';
import { FixBadge, fixKindOf } from '../../parts/fix.tsx';
import { HealthBadges } from '../../parts/health.tsx';
import { Since } from '../../parts/since.tsx';
import { Tag } from '../../parts/tag.tsx';
import { connectionMessages } from './messages.ts';

export function useSessionColumns(): readonly Column<Session>[] {
  const text = useText(connectionMessages).columns;
  const common = useText(commonMessages);
  const formats = useFormats();
  return useMemo(() => {
    const orNone = (value: number | null, shown: (value: number) => string): string =>
      value === null ? common.none : shown(value);
    const role = (session: Session) => (
      <Tag color={session.role === 'base' ? 'blue' : 'gray'} isOutlined={session.role === 'rover'}>
        {common.role[session.role]}
      </Tag>
    );
    const columns: readonly Column<Session>[] = [
      { ...{ id: 'role', title: text.role, minPx: 88 }, cell: role, sortBy: (one) => one.role },
      {
        ...{ id: 'account', title: text.account, minPx: 120, grow: 2 },
        cell: (one) => one.account ?? common.none,
        sortBy: (one) => one.account,
      },
      {
        ...{ id: 'mountpoint', title: text.mountpoint, minPx: 130, grow: 1.4 },
        cell: (one) =>
          one.servedMountpoint !== null && one.servedMountpoint !== one.mountpoint
            ? `${one.mountpoint} → ${one.servedMountpoint}`
            : one.mountpoint,
        sortBy: (one) => one.mountpoint,
      },
      {
        ...{ id: 'state', title: text.state, minPx: 122 },
        cell: (one) =>
          one.role === 'rover' ? (
            <FixBadge kind={fixKindOf(one.fix)} />
          ) : one.health === null ? (
            common.none
          ) : (
            <HealthBadges health={one.health} />
          ),
        sortBy: (one) =>
          one.role === 'rover' ? (one.fix?.quality ?? null) : (one.health?.faults.length ?? null),
      },
      {
        ...{ id: 'age', title: text.age, minPx: 72, isNumber: true },
        cell: (one) => orNone(one.fix?.correctionAgeS ?? null, formats.seconds),
        sortBy: (one) => one.fix?.correctionAgeS ?? null,
      },
      {
        ...{ id: 'pending', title: text.pending, minPx: 88, isNumber: true },
        cell: (one) => orNone(one.unacknowledgedBytes, formats.bytes),
        sortBy: (one) => one.unacknowledgedBytes,
      },
      {
        ...{ id: 'bytes', title: text.bytes, minPx: 92, isNumber: true },
        cell: (one) => orNone(one.bytes, formats.bytes),
        sortBy: (one) => one.bytes,
      },
      {
        ...{ id: 'since', title: text.since, minPx: 116, isNumber: true },
        cell: (one) => <Since time={one.startedAt} />,
        // The longest first where it is turned round, as the heading says.
        sortBy: (one) => -Date.parse(one.startedAt),
      },
      {
        ...{ id: 'device', title: text.device, minPx: 96, grow: 1 },
        cell: (one) => one.device ?? common.none,
        sortBy: (one) => one.device,
      },
      {
        ...{ id: 'address', title: text.address, minPx: 120, grow: 1 },
        cell: (one) => <span className="mono">{one.address}</span>,
        sortBy: (one) => one.address,
      },
      {
        ...{ id: 'agent', title: text.agent, minPx: 150, grow: 1.6 },
        cell: (one) => one.userAgent,
        sortBy: (one) => one.userAgent,
      },
    ];
    return columns;
  }, [text, common, formats]);
}
