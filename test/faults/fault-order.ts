// What a caster can be ordered to suffer; shared by the test that orders and by the code inside the process.

/** Where the process listens for orders. */
export const SOCKET_VARIABLE = 'FAULT_ORDERS_SOCKET';
/** Mebibytes of old generation of each worker. */
export const HEAP_VARIABLE = 'FAULT_ORDERS_HEAP_MIB';
/** Connections the kernel keeps for each worker's sockets until they are accepted. */
export const BACKLOG_VARIABLE = 'FAULT_ORDERS_BACKLOG';

export type FaultOrder =
  /** The thread does nothing for so long. */
  | { readonly worker: number | 'main'; readonly fault: 'block'; readonly ms: number }
  /** The worker ends: from outside wherever it is, by an exception nobody catches, by its own exit, by its heap's limit. */
  | { readonly worker: number; readonly fault: Ending };

export type Ending = 'terminate' | 'throw' | 'exit' | 'hoard';
