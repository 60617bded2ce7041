import { describe, expect, it } from 'vitest';
import { BalloonWrites } from '../../../src/engine/balloon-writes.ts';
import type { Action, Held, Outcome } from '../../../src/model/decision.ts';
import type { PolicyInput } from '../../../src/model/snapshot.ts';
import { guestSnapshot, LAYOUTS, uuidOf } from '../../support/builders.ts';

const UUID = uuidOf(1);
const NOTHING = { last_target: null, last_target_age: null, last_outcome: null, held_by: null };

const action = (to: number, changes: Partial<Action> = {}): Action => ({
  ...{ controller: 'balloon', control: 'balloon_target', guest: { name: 'guest-1', uuid: UUID }, from: 9, to },
  ...{ message: '', reason: null, position: null, notes: [] },
  ...changes,
});
const outcome = (of: Action, status: Outcome['status'] = 'done'): Outcome => ({ action: of, status, detail: null });
const held = (changes: Partial<Held> = {}): Held => ({
  ...{ kind: 'held', controller: 'balloon', control: 'balloon_target', guest: { name: 'guest-1', uuid: UUID } },
  ...{ wanted: 5, why: 'because' },
  ...changes,
});

function input(seconds: number, ids: readonly number[] = [1]): PolicyInput {
  const view = { props: {}, samples: [], times: [] };
  const guests = ids.map((id) => ({ ...view, ...guestSnapshot(1, [], id) }));
  return { timeMs: seconds * 1000, hostLayout: LAYOUTS.host, guestLayout: LAYOUTS.guest, host: view, guests };
}

describe("Ballast's own writes, as fields", () => {
  it('are the last target, how old it is, and its outcome', () => {
    const writes = new BalloonWrites();
    expect(writes.fields(UUID, 0)).toEqual(NOTHING);
    writes.observe(input(10), () => true);
    writes.written([outcome(action(7)), outcome(action(8), 'refused')]);
    expect(writes.fields(UUID, 15_000)).toEqual({
      ...NOTHING,
      last_target: 8,
      last_target_age: 5,
      last_outcome: 'refused',
    });
    expect(writes.fields(UUID, 5000)['last_target_age']).toBe(0);
    expect(writes.fields(uuidOf(2), 15_000)).toEqual(NOTHING);
  });

  it('do not change by what was not sent, or was for something else', () => {
    const writes = new BalloonWrites();
    writes.written([
      ...(['held', 'dry-run'] as const).map((status) => outcome(action(1), status)),
      outcome(action(2, { control: 'cpu_quota' })),
      outcome(action(3, { guest: null })),
    ]);
    expect(writes.fields(UUID, 0)).toEqual(NOTHING);
  });

  it('learn late what became of a write, whose age stays', () => {
    const writes = new BalloonWrites();
    const sent = action(7);
    writes.observe(input(10), () => true);
    writes.written([outcome(sent, 'pending')]);
    writes.observe(input(20), () => true);
    writes.written([outcome(sent)]);
    expect(writes.fields(UUID, 20_000)).toMatchObject({ last_outcome: 'done', last_target_age: 10 });
  });

  it('are forgotten when the guest starts anew, and when it is gone', () => {
    const writes = new BalloonWrites();
    for (const [second, ids, isKnown] of [
      [10, [2], true],
      [20, [], false],
    ] as const) {
      writes.observe(input(second), () => true);
      writes.written([outcome(action(7))]);
      writes.observe(input(second + 5), () => true);
      expect(writes.fields(UUID, 0)['last_target']).toBe(7);
      writes.observe(input(second + 6, ids), () => isKnown);
      expect(writes.fields(UUID, 0)).toEqual(NOTHING);
    }
  });

  it('say who held back the request of the last evaluation', () => {
    const writes = new BalloonWrites();
    writes.held([held({ guard: 'settle' }), held({ control: 'ksm_run', guest: null, guard: 'ksm-cpu' })], []);
    expect(writes.fields(UUID, 0)).toEqual({ ...NOTHING, held_by: 'settle' });
    writes.held([held()], []);
    expect(writes.fields(UUID, 0)['held_by']).toBe('balloon');
    writes.held([], [outcome(action(7, { guard: 'pain' }), 'held')]);
    expect(writes.fields(UUID, 0)['held_by']).toBe('pain');
    writes.held([held({ kind: 'unchanged' })], []);
    expect(writes.fields(UUID, 0)).toEqual(NOTHING);
  });
});
