// A small network in the field around one caster: bases that send, rovers that want it, and the judgement on what the
// rovers got.

import { type BaseLife, FieldBase, FieldRover, type RoverLife } from './devices.ts';
import { nameOf } from './numbered-epochs.ts';
import { until } from './until.ts';

export const SOURCE_PASSWORD = 'source-password';

export function fieldConfig(mountpoints: number): Record<string, unknown> {
  return {
    streamWorkers: 3,
    mountpoints: Array.from({ length: mountpoints }, (_, index) => ({
      name: `M${index}`,
      sourcePassword: SOURCE_PASSWORD,
      access: 'open',
    })),
  };
}

export interface Field {
  readonly bases: readonly FieldBase[];
  readonly rovers: readonly FieldRover[];
  /** Resolves when every base sends and every rover has got an epoch that began after the call. */
  flowing(withinMs?: number): Promise<void>;
  /** Resolves when so many intervals of the bases have passed, whether they could send or not. */
  ticks(count: number): Promise<void>;
  /** Everything that a rover's stream shows and should not, in words. */
  mistakes(): string[];
  stop(): Promise<void>;
}

/** One base for each mountpoint of `fieldConfig`, an epoch every `intervalMs`, and rovers spread evenly. */
export function openField(
  port: number,
  size: {
    readonly mountpoints: number;
    readonly rovers: number;
    readonly intervalMs: number;
    readonly fillerBytes?: number;
  },
): Field {
  const bases = Array.from({ length: size.mountpoints }, (_, index) => {
    const place = { port, mountpoint: `M${index}`, name: `base-${index}`, password: SOURCE_PASSWORD };
    return new FieldBase(place, size.intervalMs, size.fillerBytes);
  });
  const rovers = Array.from({ length: size.rovers }, (_, index) => {
    return new FieldRover({ port, mountpoint: `M${index % size.mountpoints}`, name: `rover-${index}` });
  });
  let ticks = 0;
  const clock = setInterval(() => (ticks += 1), size.intervalMs);
  const baseOf = ({ mountpoint }: FieldRover): FieldBase =>
    bases.find((base) => base.mountpoint === mountpoint)!;

  return {
    bases,
    rovers,
    async flowing(withinMs) {
      await until(
        () => bases.every((base) => base.isSending && base.life!.sent > 0),
        () =>
          `all bases send: ${bases.map((base) => `${base.isSending}, ${base.refusals.at(-1) ?? ''}`).join('; ')}`,
        withinMs,
      );
      const goals = new Map(rovers.map((rover) => [rover, { ...baseOf(rover).life! }]));
      const lags = (rover: FieldRover): boolean => !hasReached(rover.life, goals.get(rover)!, baseOf(rover));
      await until(
        () => !rovers.some(lags),
        () => `all rovers stream: ${describe(rovers.filter(lags))}`,
        withinMs,
      );
    },
    async ticks(count) {
      const goal = ticks + count;
      await until(
        () => ticks >= goal,
        () => `${count} intervals`,
      );
    },
    mistakes: () =>
      rovers.flatMap((rover) => [
        ...rover.mistakes,
        ...rover.lives.flatMap((life) => judge(life, baseOf(rover).lives)),
      ]),
    async stop() {
      clearInterval(clock);
      await Promise.all([...bases, ...rovers].map((device) => device.stop()));
    },
  };
}

function hasReached(life: RoverLife | undefined, goal: BaseLife, base: FieldBase): boolean {
  const newest = life?.ended === false ? life.reader.epochs.at(-1) : undefined;
  if (newest === undefined) return false;
  // A base that has come back meanwhile counts as well: what it sends is newer.
  const place = base.lives.findIndex((one) => one.base === newest.base);
  const goalPlace = base.lives.findIndex((one) => one.base === goal.base);
  return place > goalPlace || (place === goalPlace && newest.sequence >= goal.sent);
}

function describe(rovers: readonly FieldRover[]): string {
  return rovers
    .slice(0, 5)
    .map(({ life, mountpoint }) => {
      const newest = life?.reader.epochs.at(-1);
      return `${life?.name} at ${mountpoint} has ${newest === undefined ? 'nothing' : nameOf(newest)}`;
    })
    .join('; ');
}

/** Of one connection: every epoch of a base follows the one before, and a base is followed only by a later life of it. */
function judge({ name, reader }: RoverLife, bases: readonly BaseLife[]): string[] {
  const findings: string[] = [];
  for (const [index, epoch] of reader.epochs.entries()) {
    const before = reader.epochs[index - 1];
    if (before === undefined) continue;
    const follows =
      epoch.base === before.base
        ? epoch.sequence === before.sequence + 1
        : epoch.sequence === 0 && placeOf(epoch.base, bases) > placeOf(before.base, bases);
    if (!follows) findings.push(`${name}: ${nameOf(epoch)} after ${nameOf(before)}`);
  }
  return findings;
}

function placeOf(base: number, bases: readonly BaseLife[]): number {
  return bases.findIndex((life) => life.base === base);
}
