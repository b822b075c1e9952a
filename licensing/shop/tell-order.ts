// Tells log and live events what has become of an order, once that is committed.

import type { Journal } from '../../platform/observe/journal.ts';
import type { OrdersTable } from '../../platform/store/tables/shop-tables.ts';

export function tellOrder(
  journal: Journal,
  row: Pick<OrdersTable, 'id' | 'vehicle_id' | 'state'>,
  actor: string,
): void {
  const about = { order: row.id, vehicle: row.vehicle_id, actor };
  switch (row.state) {
    case 'paid':
      journal.record('info', 'order_paid', about);
      break;
    case 'refunded':
      journal.record('info', 'order_refunded', about);
      break;
    case 'disputed':
      journal.record('warn', 'order_disputed', about);
      break;
    case 'expired':
      journal.record('info', 'order_expired', about);
      break;
    case 'cancelled':
      journal.record('info', 'order_cancelled', about);
      break;
    case 'pending':
      break;
  }
}
