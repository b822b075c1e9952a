// Standard input goes to a TCP port, what comes back to standard output; run inside a network that can vanish.

import { connect } from 'node:net';

const [, , host, port] = process.argv;
const socket = connect({ host: host!, port: Number(port) });
process.stdin.pipe(socket);
socket.pipe(process.stdout);
