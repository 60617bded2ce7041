import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { balloon } from '../../../controllers/balloon.ts';
import { foreignWriters } from '../../../guards/foreign-writers.ts';
import { plan } from '../../../src/engine/plan.ts';
import { Recollections } from '../../../src/engine/recollections.ts';
import type { FOREIGN_WRITERS } from '../../../guards/support/foreign-settings.ts';
import type { Condition } from '../../../src/model/condition.ts';
import type { Outcome, Plan } from '../../../src/model/decision.ts';
import type { SettingsOf } from '../../../src/plugin/settings.ts';
import { defineGuard, type Guard } from '../../../src/plugin/guard.ts';
import { START_MS } from '../../support/kernel.ts';
import { inputOf, requestOf, settingsWith, type Fields } from '../../support/planning.ts';

const MIB = 1024;

/** One guest of 1000 MiB, whose size each interval is given in MiB, and ten seconds between two intervals. */
function world(foreign_writers: Readonly<Record<string, number | string>> = {}) {
  const settings = settingsWith({}, { foreign_writers });
  const foreign = settings['foreign_writers'] as SettingsOf<typeof FOREIGN_WRITERS.keys>;
  let memory = Recollections.of([foreignWriters]);
  let outcomes: readonly Outcome[] = [];
  let timeMs = START_MS;
  return (
    sizeMib: number | null,
    wantedMib: number | null = null,
    { status = 'done', fields = {}, id = 1, afterMs = 10_000, guards = [foreignWriters] }: Circumstances = {},
  ): Result => {
    timeMs += afterMs;
    const sample = { balloon_max: 1000 * MIB, balloon_cur: (sizeMib ?? 0) * MIB, autodeflate: false, ...fields };
    const input = inputOf({}, sizeMib === null ? [] : [{ id, samples: [sample] }], timeMs);
    memory = memory.next(input, outcomes, settings);
    const requests = wantedMib === null ? [] : [requestOf('balloon_target', wantedMib * MIB, 1)];
    const planners = { guards, controllers: [balloon] };
    const result = plan(planners, { requests, errors: [] }, input, settings, memory.state(settings));
    outcomes = result.actions.map((action) => ({ action, status, detail: null }));
    return { ...result, conditions: foreignWriters.conditions!(input, foreign, memory.state(settings)) };
  };
}

interface Result extends Plan {
  readonly conditions: readonly Condition[];
}

interface Circumstances {
  readonly status?: Outcome['status'];
  readonly fields?: Fields;
  readonly id?: number;
  readonly afterMs?: number;
  readonly guards?: readonly Guard[];
}

const told = ({ conditions }: Result) => conditions.map(({ text }) => text);

/** Whether something is told when a balloon that was set from 900 to 800 MiB then has these sizes. */
const toldAfter = (sizesMib: readonly number[], circumstances: Circumstances = {}) => {
  const interval = world();
  interval(900, 800);
  return sizesMib.some((size) => told(interval(size, null, circumstances)).length > 0);
};

describe('a balloon that Ballast has set', () => {
  it('is told once it rests where nobody but Ballast was to move it', () => {
    const interval = world();
    interval(900, 800);
    expect(told(interval(800))).toEqual([]);
    expect(told(interval(600))).toEqual([]);
    expect(interval(600).conditions).toEqual([
      {
        guest: requestOf('', 0, 1).guest,
        text:
          'its balloon was moved from 800 MiB to 600 MiB, and not by Ballast. Look for virsh setmem, another manager of ' +
          "balloons such as MOM, or the guest's own driver. Ballast goes on; foreign_writers.balloon can be yield or stop instead",
        over: 'its balloon is no longer moved by anything else',
        key: 'moved',
      },
    ]);
    expect(interval(600, 700).actions).toHaveLength(1);
    expect(told(interval(700))).toHaveLength(1);
  });

  it.each<[string, readonly number[], Circumstances?]>([
    ['it reaches its target', [800, 800, 800]],
    ['it is slow', [890, 890, 870, 870, 830, 830, 800, 800]],
    ['it does not follow', [900, 900, 900, 900]],
    ['it gives back less than a block', [800, 800.5, 800.5]],
    ['the guest reboots', [800, 1000, 1000, 1000]],
    ['its driver is unloaded, step by step', [800, 850, 900, 950, 1000, 1000]],
    ['it is deflated by QEMU', [800, 950, 950, 950], { fields: { autodeflate: true } }],
    ['its maximum is unknown', [800, 950, 950, 950], { fields: { balloon_max: null } }],
    ['the guest was restarted', [600, 600, 600], { id: 2 }],
    ['it passes by', [800, 700, 750, 800, 800]],
  ])('is not told when %s', (_what, sizes, circumstances) => {
    expect(toldAfter(sizes, circumstances)).toBe(false);
  });

  it.each<[string, readonly number[], Circumstances?]>([
    ['it rises', [800, 900, 900]],
    ['it rises beyond where it came from, on its way', [880, 950, 950]],
    ['it falls below its target, on its way', [880, 700, 700]],
    ['it falls though QEMU would deflate it', [800, 700, 700], { fields: { autodeflate: true } }],
  ])('is told when %s', (_what, sizes, circumstances) => {
    expect(toldAfter(sizes, circumstances)).toBe(true);
  });

  it('may turn round on its way to an older target', () => {
    const interval = world();
    interval(900, 600);
    interval(800, 850);
    for (const size of [700, 700, 700, 850, 850]) expect(told(interval(size))).toEqual([]);
  });

  it.each<[Outcome['status'], boolean]>([
    ['failed', false],
    ['gone', false],
    ['dry-run', true],
    ['refused', true],
  ])('is known after a write that is %s: %s', (status, known) => {
    const interval = world();
    interval(900, 800);
    interval(800, 700, { status });
    interval(600);
    expect(told(interval(600))).toHaveLength(known ? 1 : 0);
  });

  it('is forgotten after an hour', () => {
    const interval = world();
    interval(900, 800);
    for (const size of [800, 600, 600]) interval(size);
    for (let minutes = 5; minutes < 60; minutes += 5)
      expect(told(interval(600, null, { afterMs: 300_000 }))).toHaveLength(1);
    expect(told(interval(600, null, { afterMs: 300_000 }))).toEqual([]);
  });

  it('is known again after the guest was absent for a while', () => {
    const interval = world();
    interval(900, 800);
    for (const size of [800, null, null, 600]) interval(size);
    expect(told(interval(600))).toHaveLength(1);
    for (let minutes = 0; minutes <= 60; minutes += 5) interval(null, null, { afterMs: 300_000 });
    expect(told(interval(600))).toEqual([]);
  });

  it('is left alone by one who yields, for an hour', () => {
    const interval = world({ balloon: 'yield' });
    interval(900, 800);
    for (const size of [800, 600]) interval(size);
    expect(interval(600, 700).held).toMatchObject([
      {
        why: 'its balloon was moved from 800 MiB to 600 MiB, and not by Ballast; Ballast leaves it alone for 60 min more',
      },
    ]);
    for (let minutes = 5; minutes < 60; minutes += 5)
      expect(interval(600, 700, { afterMs: 300_000 }).actions).toEqual([]);
    expect(interval(600, 700, { afterMs: 300_000 }).actions).toHaveLength(1);
  });

  it('is left alone for ever by one who stops, until the guest is restarted', () => {
    const interval = world({ balloon: 'stop' });
    interval(900, 800);
    for (const size of [800, 600]) interval(size);
    for (let minutes = 0; minutes < 120; minutes += 5)
      expect(interval(600, 700, { afterMs: 300_000 }).actions).toEqual([]);
    expect(interval(600, 700, { id: 2 }).actions).toHaveLength(1);
  });

  it.each([
    [700, 1],
    [500, 0],
  ])('still gets what another guard gives it, but gives nothing: %i', (target, moves) => {
    const relief = defineGuard({
      name: 'relief',
      doc: '',
      relieve: () => [
        { name: 'balloon_target', guest: requestOf('', 0, 1).guest, value: target * MIB, reason: 'in pain' },
      ],
    });
    const interval = world({ balloon: 'yield' });
    interval(900, 800);
    for (const size of [800, 600]) interval(size);
    expect(interval(600, null, { guards: [relief, foreignWriters] }).actions).toHaveLength(moves);
  });

  it('is not looked at by one who ignores it', () => {
    const interval = world({ balloon: 'ignore' });
    interval(900, 800);
    for (const size of [800, 600]) interval(size);
    const result = interval(600, 700);
    expect(told(result)).toEqual([]);
    expect(result.actions).toHaveLength(1);
  });
});

describe('a guest that nobody else moves', () => {
  it('is never told, however slowly it follows', () => {
    const step = fc.record({ target: fc.option(fc.integer({ min: 200, max: 1000 })), speed: fc.nat(300) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
        const interval = world();
        let size = 1000;
        let goal = 1000;
        for (const { target, speed } of steps) {
          expect(told(interval(size, target))).toEqual([]);
          goal = target ?? goal;
          size += Math.sign(goal - size) * Math.min(speed, Math.abs(goal - size));
        }
      }),
      { numRuns: 500 },
    );
  });
});
