// Receivers for bench/proof/native-send.ts, in a process of their own so that only the sender's time is counted.
import { type AddressInfo, createServer } from 'node:net';

const server = createServer((socket) => socket.on('error', () => undefined).resume());
server.listen({ port: 0, host: '127.0.0.1' }, () => {
  // A TCP server's address is always an AddressInfo.
  process.send!((server.address() as AddressInfo).port);
});
process.on('disconnect', () => process.exit(0));
