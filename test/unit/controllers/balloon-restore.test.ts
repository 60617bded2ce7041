import { describe, expect, it } from 'vitest';
import { balloon } from '../../../controllers/balloon.ts';
import type { ControlValue } from '../../../src/model/control.ts';
import { uuidOf } from '../../support/builders.ts';
import { START_MS } from '../../support/kernel.ts';
import { inputOf, planOf, settingsWith, type Fields } from '../../support/planning.ts';

const NOW_S = START_MS / 1000;

/** A guest of 1,000,000 KiB that reports and could give half of what it has. */
const guest = (cur: number | null, changes: Fields = {}): Fields => ({
  balloon_cur: cur,
  balloon_max: 1_000_000,
  balloon_min: 0,
  state: 'running',
  stats_age: 1,
  usable: cur === null ? null : cur / 2,
  last_update: NOW_S - 1,
  ...changes,
});

const was = (kib: number, number = 1): ControlValue => ({
  control: 'balloon_target',
  guest: { name: `guest-${number}`, uuid: uuidOf(number) },
  value: kib,
});

function restored(found: readonly ControlValue[], ...samples: readonly Fields[]) {
  const input = inputOf({}, [{ number: 1, samples }]);
  const { requests, held } = balloon.restore!(found, input, []);
  const plan = planOf(balloon, requests, input, settingsWith({ floor: 0, floor_ratio: 0, headroom: 65_536 }));
  return {
    written: plan.actions.map(({ message }) => message),
    why: [...held, ...plan.held].map(({ why }) => why),
    reasons: plan.actions.map(({ reason, position }) => ({ reason, position })),
  };
}

describe('restoring balloons', () => {
  it('requests nothing when no balloon has moved, or by less than a page', () => {
    expect(restored([was(500_000)], guest(500_003))).toMatchObject({ written: [], why: [] });
  });

  it('grows and shrinks within the guards, with the reason', () => {
    expect(restored([was(600_000)], guest(400_000))).toMatchObject({
      written: ['Ballooning guest:guest-1 from 400000 to 600000'],
      reasons: [{ reason: 'restored to its initial value', position: null }],
    });
    expect(restored([was(600_000)], guest(700_000)).written).toEqual([
      'Ballooning guest:guest-1 from 700000 to 600000',
    ]);
  });

  it('does not touch a guest that is paused or whose figures are old', () => {
    expect(restored([was(600_000)], guest(400_000, { state: 'paused' })).why).toEqual([
      'the guest is not running: paused',
    ]);
    expect(restored([was(600_000)], guest(400_000, { stats_age: 61 })).written).toEqual([]);
  });

  it('does not shrink a guest that is silent for longer than usual, but grows it', () => {
    const reports = (size: number, ...seconds: readonly number[]) =>
      seconds.map((second) => guest(size, { last_update: NOW_S + second }));
    expect(restored([was(600_000)], ...reports(700_000, -17, -12, -12, -7))).toEqual({
      written: [],
      why: ['it may have stopped reporting: its last statistics are 7.0 s old, and it reported every 5 s'],
      reasons: [],
    });
    expect(restored([was(600_000)], ...reports(700_000, -14, -9, -4)).written).toHaveLength(1);
    expect(restored([was(800_000)], ...reports(700_000, -17, -12, -7)).written).toHaveLength(1);
  });

  it('says that a guest is not in the snapshot', () => {
    expect(restored([was(600_000, 2)], guest(700_000)).why).toEqual(['the guest is not in this snapshot']);
  });

  it('counts a target that the guest has not reached yet', () => {
    const input = balloon.settled!(inputOf({}, [{ samples: [guest(500_000)] }]), [was(400_000)]);
    expect(balloon.values!(input)).toEqual([was(400_000)]);
    expect(balloon.restore!([was(500_000)], input, []).requests).toMatchObject([{ value: 500_000 }]);
  });
});

describe('releasing balloons', () => {
  it('requests the maximum of each guest that has less', () => {
    const input = inputOf({}, [
      { number: 1, samples: [guest(500_000)] },
      { number: 2, samples: [guest(1_000_000)] },
      { number: 3, samples: [guest(null)] },
    ]);
    expect(balloon.release!(input)).toEqual([
      { name: 'balloon_target', guest: was(0).guest, value: 1_000_000, reason: 'given back', position: null },
    ]);
  });
});
