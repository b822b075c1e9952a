// Sends to a peer that is gone, in a process of its own in which SIGPIPE kills again, and prints the errnos.
//   node broken-pipe.ts <flags of send(2)>
import { descriptorOf } from './descriptor.ts';
import { errno, restoreBrokenPipeSignal, send } from './libc.ts';
import { connectPair } from './socket-pair.ts';

const flags = Number(process.argv[2]);
const bytes = Buffer.alloc(100);
restoreBrokenPipeSignal();

const { ours, theirs, close } = await connectPair();
theirs.resetAndDestroy();
// The first send after a reset reports it, the second finds the pipe broken.
const errnos = [0, 0, 0].map(() => (send(descriptorOf(ours), bytes, bytes.length, flags) < 0 ? errno() : 0));
close();
console.log(JSON.stringify(errnos));
