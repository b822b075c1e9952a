// The invariant of the slices by a model: whatever nodes use, charge, read and give back, whichever questions and answers
// are lost or late, whoever is killed, between the commit of a charge and its telling, too, nobody can use what is not
// paid for. And when all is over, nothing is left held.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PurseSlice } from '../../../../caster/metering/charging/slices/purse-slice.ts';
import { ASK_SLICES, BEGIN_SLICES } from '../../../../caster/metering/charging/slices/slice-scripts.ts';
import { argsOf, readHeld, readWords } from '../../../../caster/metering/charging/slices/slice-wire.ts';
import { type SliceRedis, useSliceRedis } from './use-slice-redis.ts';

const redis = useSliceRedis();

const PURSE = 'cus_a EUR';
const PLACES = 3;
const LOOK_MS = 250;
/** So little that it is soon used up. */
const START_MICROS = 2000n;
const NO_CREDIT = 0n;
const HOUR = '3600000';

const place = fc.nat({ max: PLACES - 1 });
const step = fc.oneof(
  { weight: 10, arbitrary: fc.record({ do: fc.constant('use' as const), place, micros: fc.nat(1500) }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      place,
      ahead: fc.nat(2000),
      fate: fc.constantFrom('answered', 'answered', 'answered', 'lost', 'answer lost', 'late'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('charge' as const),
      place,
      percent: fc.nat(100),
      then: fc.constantFrom('goes on', 'goes on', 'goes on', 'is killed'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const), place }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('top up' as const), micros: fc.nat(1000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), place }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('start' as const), place }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('recover' as const), place }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('deliver' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

interface Node {
  readonly name: string;
  isAlive: boolean;
  run: number;
  generation: number;
  hasBegun: boolean;
  knowsEarlier: boolean;
  slice: PurseSlice;
  /** Used, not charged, and known to its process. */
  uncharged: bigint;
  /** Used, not charged, and on its disk until it is recovered. */
  onDisk: bigint;
  /** The balance as it was read last. */
  known: { readonly micros: bigint; readonly version: number };
}

class World {
  readonly nodes: readonly Node[];
  store = { micros: START_MICROS, version: 1 };
  nowMs = 1e9;
  /** Questions in broken connections. */
  late: string[][] = [];
  /** Of those that live, who has not said what it holds since everything was forgotten. */
  silent = new Set<Node>();
  /** What the dead had used when everything was forgotten: nobody can say that they held it. */
  forgotten = 0n;
  readonly #redis: SliceRedis;

  constructor(run: SliceRedis) {
    this.#redis = run;
    this.nodes = Array.from({ length: PLACES }, (_, index) => ({
      name: `place-${index}`,
      ...{ isAlive: true, run: 1, generation: 0, hasBegun: false, knowsEarlier: false },
      ...{ slice: new PurseSlice(), uncharged: 0n, onDisk: 0n, known: this.store },
    }));
  }

  /** Of the balance, when all that was used is charged. */
  get left(): bigint {
    return this.nodes.reduce((left, { uncharged, onDisk }) => left - uncharged - onDisk, this.store.micros);
  }

  async take(what: Step): Promise<void> {
    this.nowMs += LOOK_MS;
    if (what.do === 'deliver') {
      const args = this.late.shift();
      if (args !== undefined) await this.#redis.run(ASK_SLICES, ...args);
      return;
    }
    if (what.do === 'top up') {
      this.store = { micros: this.store.micros + BigInt(what.micros), version: this.store.version + 1 };
      return;
    }
    if (what.do === 'forget') {
      await this.#redis.flush();
      this.silent = new Set(this.nodes.filter(({ isAlive }) => isAlive));
      for (const node of this.nodes) if (!node.isAlive) this.forgotten += node.onDisk;
      return;
    }
    const node = this.nodes[what.place]!;
    if (what.do === 'start') {
      if (!node.isAlive) this.#start(node);
      return;
    }
    if (!node.isAlive) return;
    if (what.do === 'kill') this.#kill(node);
    if (what.do === 'use') this.#use(node, BigInt(what.micros));
    if (what.do === 'read') node.known = this.store;
    if (what.do === 'ask') await this.ask(node, what.fate, BigInt(what.ahead));
    if (what.do === 'recover') this.recover(node);
    if (what.do === 'charge') this.charge(node, BigInt(what.percent), what.then);
  }

  charge(node: Node, percent: bigint, then: 'goes on' | 'is killed'): void {
    const micros = (node.uncharged * percent) / 100n;
    node.uncharged -= micros;
    this.store = { micros: this.store.micros - micros, version: this.store.version + 1 };
    if (then === 'is killed') {
      this.#kill(node);
      return;
    }
    node.known = this.store;
    node.slice.charge(micros);
  }

  recover(node: Node): void {
    if (!node.knowsEarlier) return;
    node.uncharged += node.onDisk;
    node.onDisk = 0n;
    node.slice.use(node.uncharged, NO_CREDIT, this.nowMs);
    node.slice.coverEarlier();
  }

  /** `ahead`: what it would like to hold beyond what it has used, whatever its pace. */
  async ask(node: Node, fate: string, ahead = 0n): Promise<void> {
    if (!node.hasBegun) {
      node.generation += 1;
      const args = [node.name, `run-${node.run}`, String(node.generation), HOUR];
      const held = readHeld(await this.#redis.run(BEGIN_SLICES, ...args));
      if (held === undefined) throw new Error('its own generation was refused');
      if (fate === 'answer lost') return;
      if (!node.knowsEarlier) node.slice.takeEarlier(held.get(PURSE) ?? 0n);
      node.knowsEarlier = true;
      node.hasBegun = true;
      node.slice.forget();
    }
    node.slice.use(node.uncharged, NO_CREDIT, this.nowMs);
    const graceMs = this.silent.size > 0 ? HOUR : '0';
    const asked = node.slice.ask(node.known, this.nowMs, true);
    const args = [
      ...[node.name, `run-${node.run}`, String(node.generation), HOUR, HOUR, graceMs, '100'],
      ...[PURSE, ...argsOf({ ...asked, wishMicros: asked.wishMicros + ahead })],
    ];
    if (fate === 'lost') return;
    if (fate === 'late') {
      this.late.push(args);
      node.hasBegun = false;
      return;
    }
    const words = readWords(await this.#redis.run(ASK_SLICES, ...args));
    if (words === undefined) {
      node.hasBegun = false;
      return;
    }
    this.silent.delete(node);
    if (fate === 'answered') node.slice.hear(words[0]!, this.nowMs);
  }

  /** Everybody is there, recovers what it has left, has everything charged and says so. */
  async finish(): Promise<void> {
    for (const node of this.nodes) {
      if (!node.isAlive) this.#start(node);
      while (this.silent.has(node) || !node.hasBegun) await this.ask(node, 'answered');
      this.recover(node);
      this.charge(node, 100n, 'goes on');
    }
    for (const node of [...this.nodes, ...this.nodes]) await this.ask(node, 'answered');
  }

  #use(node: Node, micros: bigint): void {
    const { heldMicros } = node.slice;
    const used = micros < heldMicros ? micros : heldMicros;
    if (used <= 0n) return;
    node.uncharged += used;
    node.slice.use(node.uncharged, NO_CREDIT, this.nowMs);
  }

  #kill(node: Node): void {
    node.isAlive = false;
    node.onDisk += node.uncharged;
    node.uncharged = 0n;
    this.silent.delete(node);
  }

  #start(node: Node): void {
    Object.assign(node, { isAlive: true, hasBegun: false, knowsEarlier: false, generation: 0 });
    Object.assign(node, { run: node.run + 1, slice: new PurseSlice(), known: this.store });
    if (this.silent.size > 0) this.silent.add(node);
  }
}

test('nobody uses what is not paid for, and at the end everything that is left can be had', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 200, size: 'max' }), async (steps) => {
      await redis().flush();
      const world = new World(redis());
      for (const what of steps) {
        await world.take(what);
        if (world.left < -world.forgotten) throw new Error(`${-world.left} more than was paid for`);
      }
      await world.finish();
      const [first] = world.nodes;
      expect(first!.slice.leftMicros(NO_CREDIT, world.nowMs)).toBe(world.left);
      expect(world.left).toBe(world.store.micros);
    }),
    { numRuns: 400, seed: 20_261_130 },
  );
});
