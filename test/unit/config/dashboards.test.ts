// Tests the dashboards of config/grafana as files: that they can be imported anywhere, that each panel asks the data
// source that was chosen, and that the page for operators names every panel. What they show is tested on both engines
// in test/integration/metering.

import { describe, expect, test } from 'vitest';
import { dashboardFiles } from '../../../scripts/dashboards.mjs';
import { dashboards, type Panel, queryPanels, queryVariables } from '../../support/dashboard-files.ts';
import { tableOf } from '../platform/observe/markdown-table.ts';

const HEADINGS = {
  'operations.json': '### Operations',
  'stream-quality.json': '### Stream quality',
  'usage.json': '### Usage and revenue',
};
const TABLES = /\bFROM (usage|sessions|charges|logins|stream_quality|stream_health)\b(?! FINAL)/g;
const chosenSource = { type: 'grafana-clickhouse-datasource', uid: '${datasource}' };
const queriesOf = (panels: readonly Panel[]): string[] =>
  panels.flatMap(({ targets }) => targets!.map(({ rawSql }) => rawSql));

test('the files are what node scripts/dashboards.mjs writes', () => {
  expect(dashboards.map(({ file, text }) => ({ name: file, text }))).toEqual(
    dashboardFiles().toSorted((a, b) => a.name.localeCompare(b.name)),
  );
});

test('no two dashboards have the same uid or title', () => {
  expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(3);
  expect(new Set(dashboards.map(({ title }) => title)).size).toBe(3);
});

describe.each(dashboards.map((dashboard) => [dashboard.file, dashboard] as const))(
  '%s',
  (file, dashboard) => {
    const panels = queryPanels(dashboard);

    test('its panels have ids and titles of their own', () => {
      expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
      expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    });

    test('its panels lie within the grid and not upon each other', () => {
      const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
      );
      expect(new Set(cells).size).toBe(cells.length);
      expect(Math.max(...dashboard.panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
    });

    test('every panel, query and variable asks the data source that was chosen', () => {
      for (const { title, datasource, targets } of panels)
        expect([title, datasource, ...targets!.map((target) => target.datasource)]).toEqual([
          title,
          chosenSource,
          chosenSource,
        ]);
      expect(dashboard.templating.list[0]).toMatchObject({
        name: 'datasource',
        type: 'datasource',
        query: chosenSource.type,
      });
    });

    test('it names no host and no data source of somebody', () => {
      expect(dashboard.text).not.toMatch(
        /https?:\/\/|\b\d{1,3}(?:\.\d{1,3}){3}\b|localhost|"uid": "(?!\$\{datasource\}|rovercast-)/,
      );
    });

    test('every variable that it asks for is one that it has', () => {
      const own = new Set(dashboard.templating.list.map(({ name }) => name));
      const queries = [...queriesOf(panels), ...queryVariables(dashboard).map(({ sql }) => sql)];
      const asked = queries.flatMap((sql) => [...sql.matchAll(/\$\{?(?!_)(\w+)/g)].map(([, name]) => name!));
      expect(asked.length).toBeGreaterThan(0);
      expect(asked.filter((name) => !own.has(name))).toEqual([]);
    });

    test('no panel counts a row twice that was sent twice', () => {
      expect(queriesOf(panels).flatMap((sql) => [...sql.matchAll(TABLES)].map(([found]) => found))).toEqual(
        [],
      );
    });

    test('docs/dashboards.md names every panel in its order', () => {
      const heading = HEADINGS[file as keyof typeof HEADINGS];
      const listed = tableOf('dashboards.md', heading).map(([title]) => title);
      expect(listed).toEqual(panels.map(({ title }) => title));
    });
  },
);
