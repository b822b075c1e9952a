// A dashboard as Grafana takes it (9 and newer), made from a list of panels that say only what differs: title, kind,
// query, unit. What the official ClickHouse plugin (4 and newer) wants of a query is in `target`.

const PLUGIN = 'grafana-clickhouse-datasource';
const DATASOURCE = { type: PLUGIN, uid: '${datasource}' };
/** Columns of Grafana's grid. */
const GRID_WIDTH = 24;

/** Of a panel: its place in the grid when it says nothing else, in columns and lines. */
const SIZES = {
  stat: { w: 4, h: 4 },
  lines: { w: 12, h: 8 },
  bars: { w: 12, h: 8 },
  table: { w: 24, h: 8 },
};

/** Bars are added up over their interval, so there must be few enough to be read. */
const POINTS = { lines: 300, bars: 100 };

/** `{ uid, title, description, variables, panels }` as Grafana's JSON. */
export function dashboard({ uid, title, description, variables, panels }) {
  return {
    annotations: { list: [] },
    description,
    editable: true,
    fiscalYearStartMonth: 0,
    graphTooltip: 1,
    id: null,
    links: [
      {
        type: 'dashboards',
        title: 'Rovercast',
        icon: 'dashboard',
        tags: ['rovercast'],
        tooltip: '',
        asDropdown: false,
        includeVars: true,
        keepTime: true,
        targetBlank: false,
      },
    ],
    liveNow: false,
    panels: placed(panels),
    refresh: '1m',
    schemaVersion: 39,
    tags: ['rovercast'],
    templating: { list: [datasourceVariable(), ...variables.map(queryVariable)] },
    time: { from: 'now-24h', to: 'now' },
    timepicker: {},
    timezone: 'utc',
    title,
    uid,
    version: 1,
  };
}

/** From left to right and from top to bottom; a heading has a line of its own. */
function placed(panels) {
  let [x, y, height] = [0, 0, 0];
  return panels.map((panel, index) => {
    const size = panel.heading ? { w: GRID_WIDTH, h: 1 } : { ...SIZES[panel.kind], ...panel.size };
    if (x + size.w > GRID_WIDTH) {
      [x, y, height] = [0, y + height, 0];
    }
    const gridPos = { ...size, x, y };
    x += size.w;
    height = Math.max(height, size.h);
    const id = index + 1;
    return panel.heading ? headingPanel(id, panel.heading, gridPos) : queryPanel(id, panel, gridPos);
  });
}

function headingPanel(id, title, gridPos) {
  return { id, type: 'row', title, collapsed: false, gridPos, panels: [] };
}

function queryPanel(id, panel, gridPos) {
  return {
    id,
    title: panel.title,
    description: panel.says,
    gridPos,
    datasource: DATASOURCE,
    targets: [target(panel)],
    ...APPEARANCE[panel.kind](panel),
  };
}

function target({ kind, sql }) {
  const isSeries = kind === 'lines' || kind === 'bars';
  return {
    refId: 'A',
    datasource: DATASOURCE,
    editorType: 'sql',
    format: isSeries ? 0 : 1,
    pluginVersion: '4.0.0',
    queryType: isSeries ? 'timeseries' : 'table',
    rawSql: tidied(sql),
  };
}

/** A query that was indented as code is, without the indentation. */
function tidied(sql) {
  const lines = sql
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.join('\n');
}

const APPEARANCE = {
  stat: ({ unit }) => ({
    type: 'stat',
    fieldConfig: { defaults: unitOf(unit), overrides: [] },
    options: {
      colorMode: 'none',
      graphMode: 'none',
      justifyMode: 'auto',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      textMode: 'auto',
    },
  }),
  table: ({ units = {} }) => ({
    type: 'table',
    fieldConfig: {
      defaults: { custom: { align: 'auto', filterable: true } },
      overrides: Object.entries(units).map(([column, unit]) => ({
        matcher: { id: 'byName', options: column },
        properties: Object.entries(unitOf(unit)).map(([id, value]) => ({ id, value })),
      })),
    },
    options: { cellHeight: 'sm', showHeader: true },
  }),
  lines: (panel) => series(panel, { drawStyle: 'line', fillOpacity: 10, lineWidth: 1, showPoints: 'auto' }),
  bars: (panel) =>
    series(panel, {
      drawStyle: 'bars',
      fillOpacity: 80,
      lineWidth: 0,
      stacking: { group: 'A', mode: 'normal' },
    }),
};

/** `by` names the column whose values name the series. */
function series({ kind, unit, by }, custom) {
  return {
    type: 'timeseries',
    // Rows of stream quality are of minutes, and a shorter interval would show gaps between them.
    interval: '1m',
    maxDataPoints: POINTS[kind],
    fieldConfig: {
      defaults: { custom, ...unitOf(unit), ...(by ? { displayName: `\${__field.labels.${by}}` } : {}) },
      overrides: [],
    },
    options: {
      legend: { calcs: [], displayMode: 'list', placement: 'bottom', showLegend: true },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  };
}

/** `unit` is one of Grafana's, or `money`: none of them, as each row has a currency of its own. */
function unitOf(unit = 'short') {
  if (unit === 'percentunit') return { unit, decimals: 2 };
  return unit === 'money' ? { unit: 'none', decimals: 2 } : { unit };
}

function datasourceVariable() {
  return {
    type: 'datasource',
    name: 'datasource',
    label: 'ClickHouse',
    query: PLUGIN,
    hide: 0,
    includeAll: false,
    multi: false,
    options: [],
    refresh: 1,
    regex: '',
    skipUrlSync: false,
  };
}

/** Asked anew when the time range changes. A `hidden` one has one value; of the others, some or all may be chosen. */
function queryVariable({ name, label = '', sql, hidden = false }) {
  return {
    type: 'query',
    name,
    label,
    datasource: DATASOURCE,
    query: { editorType: 'sql', queryType: 'sql', rawSql: tidied(sql), refId: name },
    ...(hidden ? {} : { current: { selected: true, text: ['All'], value: ['$__all'] } }),
    hide: hidden ? 2 : 0,
    includeAll: !hidden,
    multi: !hidden,
    options: [],
    refresh: 2,
    regex: '',
    skipUrlSync: hidden,
    sort: hidden ? 0 : 1,
  };
}
