// What a caster can be ordered to suffer; shared by the test that orders and by the code inside the process.

/** Where the process listens for orders. */
export const SOCKET_VARIABLE = 'FAULT_ORDERS_SOCKET';
/** Mebibytes of old generation of each worker. */
export const HEAP_VARIABLE = 'FAULT_ORDERS_HEAP_MIB';
/** Connections the kernel keeps for each worker's sockets until they are accepted. */
export const BACKLOG_VARIABLE = 'FAULT_ORDERS_BACKLOG';

/** The thread does nothing for so long. */
interface Block {
  readonly fault: 'block';
  readonly ms: number;
}

/** The thread does nothing for so long and cannot be ended either: it is in the C library. */
interface Hang {
  readonly fault: 'hang';
  readonly seconds: number;
}

/** Of the main thread, or of a worker by its number. */
export type FaultOrder =
  | ({ readonly worker: 'main' } & Block)
  | ({ readonly worker: number } & (Block | Hang | { readonly fault: Ending }));

/** How a worker ends: from outside wherever it is, by an exception nobody catches, by its own exit, by its heap's limit. */
export type Ending = 'terminate' | 'throw' | 'exit' | 'hoard';
