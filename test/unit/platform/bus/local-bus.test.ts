import { describe, expect, it } from 'vitest';
import type { Change } from '../../../../platform/bus/bus.ts';
import { LocalBus } from '../../../../platform/bus/local-bus.ts';

describe('the bus of one process', () => {
  it('has told every listener when publish returns, and none that has left', () => {
    const bus = new LocalBus();
    const heard: Change[] = [];
    const leave = bus.subscribe((change) => heard.push(change));
    bus.subscribe((change) => heard.push(change));
    bus.publish({ kind: 'app', id: 'app_1' });
    expect(heard).toEqual(Array(2).fill({ kind: 'app', id: 'app_1' }));
    leave();
    bus.publish({ kind: 'plan', id: 'plan_1' });
    expect(heard).toHaveLength(3);
  });
});
