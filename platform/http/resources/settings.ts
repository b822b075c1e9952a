// The settings of the server: what is in force and who gave it, what another text of the configuration file would
// change, and that text written and taken over. A secret is in no answer.

import { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { CONFIG_FILE_BYTES_MAX } from '../../../config/limits.ts';
import { isWarning, type Problem as ConfigProblem } from '../../../config/problem.ts';
import { type ConfigChange } from '../../../config/reload.ts';
import { problem } from '../problem.ts';
import { route } from '../route.ts';
import { type SettingsPort } from '../settings-port.ts';

const OF_SETTINGS = { tag: 'settings', operatorsOnly: true } as const;

const settingSchema = z
  .strictObject({
    path: z.string(),
    sentence: z.string(),
    unit: z.string().nullable(),
    secret: z.boolean(),
    origin: z.enum(['default', 'file', 'environment', 'option']),
    live: z.boolean().meta({ description: 'A reload takes it over; otherwise the next start' }),
    value: z.unknown().meta({ description: 'In force; null where it is not given; a secret is masked' }),
    isCount: z.boolean().meta({ description: 'The value is how many entries the list has' }),
    waits: z.boolean().meta({ description: 'The file has another value, which waits for the next start' }),
  })
  .meta({ id: 'Setting' });

const mistakeSchema = z
  .strictObject({
    severity: z.enum(['error', 'warning']),
    code: z.string(),
    line: z.int().nullable().meta({ description: 'Null where it is not about a line of the file' }),
    where: z.string(),
    path: z.string(),
    message: z.string(),
    fix: z.string(),
  })
  .meta({ id: 'SettingsMistake' });

const changeSchema = z
  .strictObject({
    path: z.string(),
    live: z.boolean().meta({ description: 'False: it waits for the next start' }),
    before: z.unknown(),
    after: z.unknown(),
  })
  .meta({ id: 'SettingsChange' });

const checkShape = { mistakes: z.array(mistakeSchema), changes: z.array(changeSchema) };
const checkSchema = z
  .strictObject({ ok: z.boolean().meta({ description: 'PUT would write it' }), ...checkShape })
  .meta({ id: 'SettingsCheck' });

const settingsSchema = z
  .strictObject({
    settings: z.array(settingSchema),
    file: z
      .strictObject({
        name: z.string(),
        writable: z.boolean(),
        etag: z.string(),
        text: z
          .string()
          .nullable()
          .meta({ description: 'With marks such as `__hidden_0__` for secrets; null where it is not YAML' }),
        ...checkShape,
      })
      .nullable()
      .meta({ description: 'Null where the server was started without one' }),
  })
  .meta({ id: 'Settings' });

const sentSchema = {
  text: z
    .string()
    .max(CONFIG_FILE_BYTES_MAX)
    .meta({ description: 'YAML; a mark as GET gave it stands for the secret of the file' }),
  etag: z.string().max(64).meta({ description: 'Of the file that it was made from, as GET gave it' }),
};

const EXAMPLE_CHANGE = { path: 'timing.stallMs', live: true, before: 20000, after: 30000 };

/** Each byte may be written as six, `\u0000`. */
const BODY_BYTES_MAX = CONFIG_FILE_BYTES_MAX * 2;

export function settingsRoutes(app: FastifyInstance, port: SettingsPort): void {
  route(app, {
    ...OF_SETTINGS,
    method: 'GET',
    path: '/v1/settings',
    operationId: 'getSettings',
    summary: 'The settings in force with who gave each, and the configuration file without its secrets',
    scope: 'settings:read',
    response: { 200: settingsSchema },
    errors: [],
    handle: () => {
      const file = port.file();
      return {
        status: 200,
        body: {
          settings: port.settings().map((setting) => ({
            ...setting,
            ...{ unit: setting.unit ?? null, value: setting.value ?? null },
          })),
          file:
            file === undefined
              ? null
              : {
                  ...{ name: file.name, writable: file.writable, etag: file.etag, text: file.text },
                  ...shown(file),
                },
        },
      };
    },
  });

  route(app, {
    ...OF_SETTINGS,
    method: 'POST',
    path: '/v1/settings/check',
    operationId: 'checkSettings',
    summary: 'What another text of the configuration file would change, and its mistakes; nothing is done',
    scope: 'settings:write',
    body: z.strictObject(sentSchema),
    bodyBytesMax: BODY_BYTES_MAX,
    idempotent: false,
    audited: false,
    response: { 200: checkSchema },
    errors: ['settings_no_file', 'settings_changed'],
    examples: {
      body: { text: 'timing: { stallMs: 30000 }\n', etag: '0123456789abcdef0123456789abcdef' },
      response: { 200: { ok: true, mistakes: [], changes: [EXAMPLE_CHANGE] } },
    },
    handle: ({ body }) => {
      const checked = port.check(body.text, body.etag);
      if (!checked.ok) return problem(`settings_${checked.reason}`);
      const { problems } = checked.check;
      const ok = problems.every(isWarning);
      return { status: 200, body: { ok, ...shown(checked.check) } };
    },
  });

  route(app, {
    ...OF_SETTINGS,
    method: 'PUT',
    path: '/v1/settings',
    operationId: 'replaceSettings',
    summary: 'Write the configuration file and take over what can be; the rest waits for the next start',
    description: 'The file is replaced as a whole or not at all. What has a mistake changes nothing.',
    scope: 'settings:write',
    body: z.strictObject({
      ...sentSchema,
      reason: z.string().max(200).optional().meta({ description: 'For the audit log' }),
    }),
    bodyBytesMax: BODY_BYTES_MAX,
    response: { 200: z.strictObject({ etag: z.string(), ...checkShape }).meta({ id: 'SettingsApplied' }) },
    errors: ['settings_no_file', 'settings_changed', 'settings_not_writable', 'settings_invalid'],
    examples: {
      body: { text: 'timing: { stallMs: 30000 }\n', etag: '0123456789abcdef0123456789abcdef' },
      response: {
        200: { etag: 'fedcba9876543210fedcba9876543210', mistakes: [], changes: [EXAMPLE_CHANGE] },
      },
    },
    handle: ({ body, audit }) => {
      const applied = port.apply(body.text, body.etag);
      if (!applied.ok) {
        if (applied.reason !== 'invalid') return problem(`settings_${applied.reason}`);
        const errors = applied.problems.map(({ where, message, fix }) => ({
          param: '/text',
          detail: `${where}: ${message} (${fix})`,
        }));
        return problem('settings_invalid', { errors });
      }
      const { changes } = applied.check;
      audit({
        target: { kind: 'settings', id: 'file' },
        before: byPath(changes, 'before'),
        after: { ...byPath(changes, 'after'), ...(body.reason === undefined ? {} : { reason: body.reason }) },
      });
      return { status: 200, body: { etag: applied.etag, ...shown(applied.check) } };
    },
  });
}

interface Judged {
  readonly problems: readonly ConfigProblem[];
  readonly changes: readonly ConfigChange[];
}

function shown({ problems, changes }: Judged) {
  return {
    mistakes: problems.map((one) => ({
      severity: isWarning(one) ? ('warning' as const) : ('error' as const),
      line: lineOf(one.where),
      ...one,
    })),
    changes: changes.map(({ path, live, before, after }) => ({
      ...{ path, live, before: before ?? null, after: after ?? null },
    })),
  };
}

/** `file:line:column`. */
function lineOf(where: string): number | null {
  const [, line] = /:(\d+):\d+$/.exec(where) ?? [];
  return line === undefined ? null : Number(line);
}

function byPath(changes: readonly ConfigChange[], side: 'before' | 'after'): Record<string, unknown> {
  return Object.fromEntries(changes.map((change) => [change.path, change[side] ?? null]));
}
