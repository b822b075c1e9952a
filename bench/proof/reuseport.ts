// How evenly the kernel spreads connections over three reusePort sockets, and what ending one costs the others.
// Figures: DECISIONS.md. Run: node bench/proof/reuseport.ts
import { keepVisiting, resolvePort, startEchoWorker, visit } from '../../test/proof/reuseport-group.ts';
import { median, printRow } from './measure.ts';

const ENDINGS = 20;

const port = await resolvePort(0);
const workers = await Promise.all([1, 2, 3].map(() => startEchoWorker(port)));

const shares = new Map(workers.map(({ name }) => [name, 0]));
for (let i = 0; i < 3000; i += 1) {
  const visitor = await visit(port);
  if (visitor !== undefined) shares.set(visitor.servedBy, shares.get(visitor.servedBy)! + 1);
  visitor?.socket.destroy();
}
console.log(`3000 connections over three workers: ${[...shares.values()].join(', ')}`);

const visitors = keepVisiting(port, 8);
const endMs: number[] = [];
const replaceMs: number[] = [];
for (let ending = 0; ending < ENDINGS; ending += 1) {
  const startMs = performance.now();
  await workers.shift()!.worker.terminate();
  endMs.push(performance.now() - startMs);
  const endedMs = performance.now();
  workers.push(await startEchoWorker(port));
  replaceMs.push(performance.now() - endedMs);
}
const { served, broken } = await visitors.stop();
printRow('to end a worker', { ms: median(endMs) });
printRow('to have another one listening', { ms: median(replaceMs) });
console.log(`visitors during ${ENDINGS} endings, 8 at a time: ${served} served, ${broken} broken`);
await Promise.all(workers.map(({ worker }) => worker.terminate()));
