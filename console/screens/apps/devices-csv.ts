// Devices as a spreadsheet saves them: one a line, its id and, where it is to have a certain one, the id of its account. A
// first line that names the columns is left out. Pure functions of the text.

export interface DeviceRow {
  readonly deviceId: string;
  readonly accountId?: string;
}

const HEADINGS = /^(device|deviceid|device_id|id|sn|serial)$/i;

export function devicesOf(text: string): DeviceRow[] {
  const rows = text
    // What some spreadsheets put in front (Unicode 15.0 §23.8, byte order mark).
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.split(/[,;\t]/).map(cellOf))
    .filter(([deviceId = '']) => deviceId !== '');
  const isHeaded = HEADINGS.test(rows[0]?.[0] ?? '');
  return rows.slice(isHeaded ? 1 : 0).map(([deviceId = '', accountId = '']) => ({
    deviceId,
    ...(accountId === '' ? {} : { accountId }),
  }));
}

/** RFC 4180, without breaks within a cell: no id has one. */
function cellOf(cell: string): string {
  const bare = cell.trim();
  return /^".*"$/.test(bare) ? bare.slice(1, -1).replaceAll('""', '"').trim() : bare;
}
