// A process that plays many rovers: logs them in at a given pace, compares every byte and times every epoch. Steered
// by messages; ends with the process that started it.

import { median } from '../samples.ts';
import { monotonicMs } from './monotonic.ts';
import type { FromRovers, Logins, Reception, RoverGroup, ToRovers } from './peer-messages.ts';
import { type Crew, Rover } from './rover.ts';
import { indexPlan, type PlanIndex } from './stream-check.ts';

/** Sockets opened in one turn where all log in at once, so that replies are read in between. */
const LOGINS_PER_TURN = 200;
const PACE_MS = 5;

let plan: PlanIndex | undefined;
let rovers: Rover[] = [];
let group: RoverGroup | undefined;
let beganMs = 0;
let awaited: 'answers' | 'completion' | undefined;
let arrivedMs = new Float64Array(0);

const crew: Crew = {
  plan: () => plan!,
  arrive: (rover, epoch) => (arrivedMs[rover * plan!.epochEnds.length + epoch] = monotonicMs()),
  changed: () => lookWhetherDone(),
};

process.on('disconnect', () => process.exit());
process.on('message', (message: ToRovers) => {
  switch (message.type) {
    case 'plan':
      plan = indexPlan(message.plan);
      return;
    case 'connect':
      return connectAll(message.group);
    case 'awaitComplete':
      awaited = 'completion';
      return lookWhetherDone();
    case 'tell':
      return say({ type: 'received', reception: tellReception(message.sentMs) });
    case 'hangUp':
      return hangUp();
  }
});

function say(message: FromRovers): void {
  process.send!(message);
}

function connectAll(asked: RoverGroup): void {
  group = asked;
  rovers = [];
  arrivedMs = new Float64Array(asked.count * plan!.epochEnds.length).fill(NaN);
  awaited = 'answers';
  beganMs = monotonicMs();
  const connectSome = (): void => {
    const dueCount =
      asked.loginsPerS === Infinity
        ? rovers.length + LOGINS_PER_TURN
        : Math.ceil(((monotonicMs() - beganMs) / 1000) * asked.loginsPerS);
    while (rovers.length < Math.min(dueCount, asked.count))
      rovers.push(new Rover(crew, asked, rovers.length));
    if (rovers.length === asked.count) return;
    if (asked.loginsPerS === Infinity) setImmediate(connectSome);
    else setTimeout(connectSome, PACE_MS);
  };
  connectSome();
}

let looking = false;

/** Looked at once per turn at most: thousands of rovers change in the same one. */
function lookWhetherDone(): void {
  if (looking || awaited === undefined) return;
  looking = true;
  setImmediate(() => {
    looking = false;
    if (
      awaited === 'answers' &&
      rovers.length === group!.count &&
      rovers.every((rover) => rover.isAnswered)
    ) {
      awaited = undefined;
      say({ type: 'answered', logins: tellLogins() });
    } else if (awaited === 'completion' && rovers.every((rover) => rover.isDone)) {
      awaited = undefined;
      say({ type: 'complete' });
    }
  });
}

function tellLogins(): Logins {
  const refusals = rovers.filter((rover) => rover.fate === 'refused');
  const failures = rovers.filter((rover) => rover.fate === 'failed');
  return {
    up: rovers.filter((rover) => rover.wasLetIn).length,
    refused: refusals.length,
    failed: failures.length,
    firstRefusal: refusals[0]?.replyLine ?? '',
    firstFailure: failures[0]?.failure ?? '',
    beganMs,
    lastAnsweredMs: Math.max(...rovers.map((rover) => rover.repliedMs).filter((ms) => !Number.isNaN(ms))),
  };
}

function tellReception(sentMs: Float64Array): Reception {
  const epochCount = plan!.epochEnds.length;
  const latencies: number[] = [];
  const roverLatencyMs = new Float32Array(rovers.length).fill(NaN);
  for (const [index, rover] of rovers.entries()) {
    if (rover.isDeaf) continue;
    const own: number[] = [];
    for (let epoch = 0; epoch < epochCount; epoch++) {
      const latencyMs = arrivedMs[index * epochCount + epoch]! - sentMs[epoch]!;
      if (!Number.isNaN(latencyMs)) own.push(latencyMs);
    }
    roverLatencyMs[index] = median(own);
    for (const latencyMs of own) latencies.push(latencyMs);
  }
  const firstBytes = rovers.map((rover) => rover.firstBytesMs).filter((ms) => !Number.isNaN(ms));
  return {
    complete: rovers.filter((rover) => rover.isComplete).length,
    corrupt: rovers.filter((rover) => rover.isCorrupt).length,
    dropped: rovers.filter((rover) => rover.fate === 'dropped').length,
    replyAfterMs: Float64Array.from(rovers, (rover) => rover.repliedMs - rover.beganMs),
    firstBytesAfterMs: Float64Array.from(rovers, (rover) => rover.firstBytesMs - rover.beganMs),
    lastStreamingMs: firstBytes.reduce((latest, ms) => Math.max(latest, ms), -Infinity),
    latencyMs: Float32Array.from(latencies),
    roverLatencyMs,
  };
}

function hangUp(): void {
  awaited = undefined;
  let open = rovers.length;
  const countDown = (): void => {
    open -= 1;
    if (open === 0) say({ type: 'gone' });
  };
  if (open === 0) say({ type: 'gone' });
  for (const rover of rovers) rover.hangUp(countDown);
  rovers = [];
}
