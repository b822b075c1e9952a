// The process of the embedded ClickHouse: its crash, its memory and its threads reach nobody else. Its one argument is
// the folder of its data.

import { serveChdb } from '../caster/metering/sink/chdb-host.ts';

await serveChdb(process.argv[2]!);
