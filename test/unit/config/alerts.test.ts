// Tests the alerts of config/prometheus: that they stand on metrics, labels and values that there are, that Prometheus's
// own tool takes them, and that each fires in the network that it is meant for and not in the one beside it.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test, type TestContext } from 'vitest';
import { parse } from 'yaml';
import { REFUSAL_REASON_NAMES } from '../../../caster/accounts/refusal-reason.ts';
import { CLOSE_REASON_NAMES } from '../../../caster/net/close-reason.ts';
import { GRANT_REFUSALS } from '../../../licensing/grants/format/take-grant.ts';
import { REFUSED_PAYMENTS } from '../../../licensing/shop/payment-events.ts';
import { OTA_REFUSALS } from '../../../licensing/vehicle/ota/refusal.ts';
import { METRICS } from '../../../platform/observe/metric-table.ts';
import { useTempFolder } from '../../support/temp-folder.ts';
import { tableOf } from '../platform/observe/markdown-table.ts';
import { ALERT_CASES } from './alert-cases.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const FOLDER = path.join(import.meta.dirname, '../../../config/prometheus');
const ALERTS = path.join(FOLDER, 'alerts.yml');
const file = parse(readFileSync(ALERTS, 'utf8')) as { groups: { rules: Rule[] }[] };
const folder = useTempFolder();
const rules = file.groups.flatMap((group) => group.rules);

/** Prometheus gives these to every series. */
const LABELS_OF_ALL = ['job', 'instance'];
/** Metrics of the process, as docs/metrics.md lists them, and the one that Prometheus makes itself. */
const OTHER_METRICS = [...tableOf('metrics.md', '## The process').map(([name]) => name!), 'up'];

/** Each metric of an expression with what its braces say. */
function metricsOf(expr: string): { name: string; matchers: string }[] {
  const names = /\b((?:caster|rovercast|process|nodejs)_\w+|up)\b(?:\{([^}]*)\})?/g;
  return [...expr.matchAll(names)].map(([, name, matchers = '']) => ({ name: name!, matchers }));
}

const labelsOf = (name: string): readonly string[] | undefined => {
  const family = Object.entries(METRICS).find(
    ([own, row]) => own === name || (row.type === 'histogram' && name === `${own}_bucket`),
  );
  if (family === undefined) return OTHER_METRICS.includes(name) ? [] : undefined;
  return name.endsWith('_bucket') ? [...family[1].labels, 'le'] : family[1].labels;
};

describe('the rules', () => {
  test('every metric is one of docs/metrics.md, and every label one that it has', () => {
    for (const { alert, expr } of rules) {
      const metrics = metricsOf(expr);
      expect([alert, metrics.length]).not.toEqual([alert, 0]);
      const labels = metrics.flatMap(({ name }) => {
        const own = labelsOf(name);
        expect([alert, name, own === undefined]).toEqual([alert, name, false]);
        return own!;
      });
      const asked = [
        ...metrics.flatMap(({ matchers }) => [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)]),
        ...[...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list]) => [...list!.matchAll(/(\w+)/g)]),
      ].map(([, name]) => name!);
      expect([alert, asked.filter((name) => ![...labels, ...LABELS_OF_ALL].includes(name))]).toEqual([
        alert,
        [],
      ]);
    }
  });

  test('every value of a label is one that the metric can have', () => {
    const described = new Map(
      tableOf('metrics.md', 'Values of the labels:').map(([label, values]) => [label!, values!]),
    );
    const known: Record<string, readonly string[]> = {
      reason: [
        ...REFUSAL_REASON_NAMES,
        ...CLOSE_REASON_NAMES,
        ...GRANT_REFUSALS,
        ...OTA_REFUSALS,
        ...REFUSED_PAYMENTS,
      ],
      job: ['rovercast'],
      ...Object.fromEntries(
        ['outcome', 'check', 'mount', 'fault'].map((label) => [
          label,
          described.get(label)!.match(/\w+/g) ?? [],
        ]),
      ),
    };
    const unknown = rules.flatMap(({ alert, expr }) =>
      metricsOf(expr)
        .flatMap(({ matchers }) => [...matchers.matchAll(/(\w+)(?:=~|!~|!=|=)"([^"]*)"/g)])
        .flatMap(([, label, values]) => values!.split('|').map((value) => [label!, value] as const))
        .filter(([label, value]) => known[label]?.includes(value) !== true)
        .map(([label, value]) => `${alert}: ${label}="${value}"`),
    );
    expect(unknown).toEqual([]);
  });

  test('each has a name of its own, a severity, a summary and what to do', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, labels, annotations } of rules) {
      expect([alert, labels.severity]).toEqual([alert, expect.stringMatching(/^(critical|warning)$/)]);
      expect([alert, annotations.summary.length, annotations.description.length]).toEqual([
        alert,
        expect.toSatisfy((length: number) => length > 20),
        expect.toSatisfy((length: number) => length > 60),
      ]);
    }
  });

  test('docs/dashboards.md lists them with their severity', () => {
    const listed = tableOf('dashboards.md', '## Alerts').map(([alert, severity]) => [alert, severity]);
    expect(listed).toEqual(rules.map(({ alert, labels }) => [alert, labels.severity]));
  });
});

describe('promtool', () => {
  function promtool(context: TestContext, ...args: string[]): string {
    const judged = spawnSync('promtool', args, { encoding: 'utf8' });
    if (judged.error) context.skip('promtool is not installed (Debian: prometheus)');
    return judged.status === 0 ? 'taken' : judged.stdout + judged.stderr;
  }

  test('takes the configuration and the rules', (context) => {
    expect(promtool(context, 'check', 'config', path.join(FOLDER, 'prometheus.yml'))).toBe('taken');
  });

  test('sees each alert fire where it must, and nothing where it must not', (context) => {
    expect(Object.keys(ALERT_CASES)).toEqual(rules.map(({ alert }) => alert));
    const severities = new Map(rules.map(({ alert, labels }) => [alert, labels.severity]));
    const cases = Object.entries(ALERT_CASES).flatMap(([alert, { fires, quiet }]) => {
      const labels = `{alertname="${alert}",severity="${severities.get(alert)}"}`;
      return [
        [`${alert} fires`, fires, [{ labels, value: 1 }]] as const,
        [`${alert} is quiet`, quiet, []] as const,
      ];
    });
    const tests = cases.map(([name, series, expected]) => ({
      name,
      interval: '15s',
      input_series: Object.entries(series).map(([metric, values]) => ({ series: metric, values })),
      promql_expr_test: [
        {
          expr: 'count by (alertname, severity) (ALERTS{alertstate="firing"})',
          eval_time: '30m',
          exp_samples: expected,
        },
      ],
    }));
    const sheet = path.join(folder, 'cases.yml');
    // The least `for` is 30 s; as often as a server does it takes twice as long.
    writeFileSync(sheet, JSON.stringify({ rule_files: [ALERTS], evaluation_interval: '30s', tests }));
    expect(promtool(context, 'test', 'rules', sheet)).toBe('taken');
  }, 120_000);
});
