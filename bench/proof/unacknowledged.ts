// What it costs to ask the kernel about a connection, and how many bytes it takes towards a rover that does not read,
// under each of the limits there are. Figures: DECISIONS.md. Run: node bench/proof/unacknowledged.ts
import { descriptorOf } from '../../test/proof/descriptor.ts';
import {
  IPPROTO_TCP,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  send,
  setSocketOption,
  SO_RCVBUF,
  SO_SNDBUF,
  SOL_SOCKET,
  TCP_NOTSENT_LOWAT,
  tcpInfo,
  unacknowledgedBytes,
  unsentBytes,
} from '../../test/proof/libc.ts';
import { connectPair } from '../../test/proof/socket-pair.ts';
import { callNs, printRow } from './measure.ts';

const EPOCH = Buffer.alloc(2000, 0xd3);

const pair = await connectPair();
const live = descriptorOf(pair.ours);
const questions: Record<string, () => unknown> = {
  'ioctl SIOCOUTQ': () => unacknowledgedBytes(live),
  'ioctl SIOCOUTQNSD': () => unsentBytes(live),
  'getsockopt TCP_INFO, three fields read': () => tcpInfo(live),
  'setsockopt TCP_NOTSENT_LOWAT': () => {
    setSocketOption(live, IPPROTO_TCP, TCP_NOTSENT_LOWAT, 8000);
  },
};
for (const [name, question] of Object.entries(questions)) printRow(name, { ns: callNs(question) });
pair.close();

function setLowat(bytes: number): (fd: number) => void {
  return (fd) => {
    setSocketOption(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, bytes);
  };
}

function setSendBuffer(bytes: number): (fd: number) => void {
  return (fd) => {
    setSocketOption(fd, SOL_SOCKET, SO_SNDBUF, bytes);
  };
}

const limits: Record<string, { set: (fd: number) => void; boundBytes?: number }> = {
  'no limit': { set: () => undefined },
  'TCP_NOTSENT_LOWAT 8000': { set: setLowat(8000) },
  'SO_SNDBUF 4096': { set: setSendBuffer(4096) },
  'SO_SNDBUF 8000': { set: setSendBuffer(8000) },
  'SO_SNDBUF 8000 and TCP_NOTSENT_LOWAT 8000': {
    set: (fd) => {
      setSendBuffer(8000)(fd);
      setLowat(8000)(fd);
    },
  },
  'SIOCOUTQ asked before each send, 8000': { set: () => undefined, boundBytes: 8000 },
};
console.log(
  '\nbytes the kernel takes from epochs of 2000 towards a rover that does not read (100 ms apart, twice)',
);
for (const receiveBuffer of [4096, undefined]) {
  for (const [name, { set, boundBytes }] of Object.entries(limits)) {
    const { ours, theirs, close } = await connectPair();
    const fd = descriptorOf(ours);
    if (receiveBuffer !== undefined)
      setSocketOption(descriptorOf(theirs), SOL_SOCKET, SO_RCVBUF, receiveBuffer);
    set(fd);
    let taken = 0;
    for (let pass = 0; pass < 2; pass += 1) {
      for (let sends = 0; sends < 5000; sends += 1) {
        if (boundBytes !== undefined && unacknowledgedBytes(fd) + EPOCH.length > boundBytes) break;
        const now = send(fd, EPOCH, EPOCH.length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (now < 0) break;
        taken += now;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    printRow(`SO_RCVBUF ${receiveBuffer ?? 'default'}: ${name}`, {
      taken,
      unacknowledged: unacknowledgedBytes(fd),
      unsent: unsentBytes(fd),
    });
    close();
  }
}
