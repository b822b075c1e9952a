// The dashboards of config/grafana as files that a test looks into.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

interface Source {
  readonly type: string;
  readonly uid: string;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: Source;
  readonly targets?: readonly {
    readonly datasource: Source;
    readonly format: number;
    readonly rawSql: string;
  }[];
}

export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly hide: number;
  readonly query: string | { readonly rawSql: string };
}

export interface Dashboard {
  readonly file: string;
  readonly text: string;
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
}

const FOLDER = path.join(import.meta.dirname, '../../config/grafana');

export const dashboards: readonly Dashboard[] = readdirSync(FOLDER)
  .toSorted()
  .map((file) => {
    const text = readFileSync(path.join(FOLDER, file), 'utf8');
    return { ...(JSON.parse(text) as Omit<Dashboard, 'file' | 'text'>), file, text };
  });

/** Panels that ask something; headings do not. */
export const queryPanels = (dashboard: Dashboard): Panel[] =>
  dashboard.panels.filter(({ type }) => type !== 'row');

/** Variables that a query fills, with it. */
export const queryVariables = (dashboard: Dashboard): { name: string; hidden: boolean; sql: string }[] =>
  dashboard.templating.list.flatMap(({ name, hide, query }) =>
    typeof query === 'string' ? [] : [{ name, hidden: hide === 2, sql: query.rawSql }],
  );
