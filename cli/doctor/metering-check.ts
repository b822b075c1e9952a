// Check of where metering goes: is the embedded engine installed, or does the server answer as the user that is named?

import { type Config } from '../../config/schema.ts';
import { fine, type Finding, warning } from './finding.ts';

const CHECK = 'metering';

export async function checkMetering({ metering }: Config): Promise<Finding> {
  if (metering.url === 'off') return fine(CHECK, 'off: of usage only daily totals are kept');
  if (metering.url === 'chdb:') {
    const { findChdb } = await import('../../caster/metering/sink/chdb-installed.ts');
    const found = findChdb();
    if (found.ok) return fine(CHECK, 'ClickHouse embedded');
    const fix = 'set metering.url to the address of a ClickHouse server, or to `off`';
    return warning(CHECK, found.detail, fix);
  }
  const { connectServer } = await import('../../caster/metering/sink/clickhouse-server.ts');
  const clickhouse = connectServer(metering.url);
  const answer = await clickhouse.ping();
  await clickhouse.close();
  const { host } = new URL(metering.url);
  if (answer.ok) return fine(CHECK, `ClickHouse answers at ${host}`);
  const fix = 'see whether it runs there, and whether user, password and database of metering.url are right';
  return warning(CHECK, `ClickHouse at ${host}: ${answer.detail}`, fix);
}
