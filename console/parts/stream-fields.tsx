// The part of a service spec that most have: where, which constellations, at which level, how often, how many at a time.
// In the form of a spec and in that of a fleet.

import { MultiSelect, Select } from '@mantine/core';
import type { NewServiceSpecInput } from '../api/api-types.ts';
import { useMay } from '../api/caller.ts';
import { useRead } from '../api/queries.ts';
import { messages, useText } from '../i18n/messages.ts';
import { NumberField } from './number-field.tsx';

const SYSTEMS = ['GPS', 'GLO', 'GAL', 'BDS', 'QZS', 'SBAS', 'IRN'] as const;
const LEVELS = ['4', '5', '7'];
const INTERVAL_S_MAX = 3600;
const SESSIONS_MAX = 1_000_000;

const texts = messages({
  en: {
    mountpoints: 'Mountpoints',
    mountpointsHint: 'Empty: all of them',
    constellations: 'Constellations',
    asReceived: 'Empty: as received',
    level: 'Highest MSM level',
    interval: 'Seconds between epochs',
    sessions: 'Sessions of one account at a time',
  },
  zh: {
    mountpoints: '挂载点',
    mountpointsHint: '留空则不限',
    constellations: '卫星系统',
    asReceived: '留空则原样转发',
    level: '最高 MSM 级别',
    interval: '历元间隔（秒）',
    sessions: '单个账号的并发会话数',
  },
});

export interface StreamForm {
  readonly mountpoints: readonly string[];
  readonly constellations: readonly string[];
  /** Empty: as received. */
  readonly level: string;
  readonly intervalS: number | '';
  readonly sessionsPerAccount: number;
}

export const NEW_STREAM: StreamForm = {
  ...{ mountpoints: [], constellations: [], level: '', intervalS: '', sessionsPerAccount: 1 },
};

type StreamInput = Pick<
  NewServiceSpecInput,
  'mountpoints' | 'constellations' | 'msmLevelMax' | 'intervalS' | 'sessionsPerAccount'
>;

/** As the server takes it: what is left empty is not sent. */
export function streamOf(form: StreamForm): StreamInput {
  const { mountpoints, constellations, level, intervalS, sessionsPerAccount } = form;
  return {
    sessionsPerAccount,
    ...(mountpoints.length === 0 ? {} : { mountpoints }),
    ...(constellations.length === 0
      ? {}
      : { constellations: constellations as NonNullable<StreamInput['constellations']> }),
    ...(level === '' ? {} : { msmLevelMax: Number(level) as 4 | 5 | 7 }),
    ...(intervalS === '' ? {} : { intervalS }),
  };
}

/** What the mountpoints are called, as many as a page holds. */
export function useMountpointNames(): readonly string[] {
  const query = { limit: 100 };
  const found = useRead('GET /v1/mountpoints', { query }, { enabled: useMay('mountpoints:read') });
  return (found.data?.data ?? []).map(({ name }) => name);
}

export interface StreamFieldsProps {
  readonly form: StreamForm;
  readonly set: (part: Partial<StreamForm>) => void;
}

/** Stands in a grid. */
export function StreamFields({ form, set }: StreamFieldsProps) {
  const text = useText(texts);
  const names = useMountpointNames();
  return (
    <>
      <MultiSelect
        label={text.mountpoints}
        placeholder={text.mountpointsHint}
        data={[...new Set([...names, ...form.mountpoints])]}
        value={[...form.mountpoints]}
        onChange={(mountpoints) => set({ mountpoints })}
        searchable
      />
      <MultiSelect
        label={text.constellations}
        placeholder={text.asReceived}
        data={SYSTEMS}
        value={[...form.constellations]}
        onChange={(constellations) => set({ constellations })}
      />
      <Select
        label={text.level}
        placeholder={text.asReceived}
        data={LEVELS}
        value={form.level || null}
        onChange={(level) => set({ level: level ?? '' })}
        clearable
      />
      <NumberField
        label={text.interval}
        placeholder={text.asReceived}
        value={form.intervalS}
        onChange={(intervalS) => set({ intervalS })}
        min={1}
        max={INTERVAL_S_MAX}
      />
      <NumberField
        label={text.sessions}
        value={form.sessionsPerAccount}
        onChange={(sessions) => set({ sessionsPerAccount: sessions || 1 })}
        min={1}
        max={SESSIONS_MAX}
      />
    </>
  );
}
