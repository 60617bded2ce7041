import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEPT_MS, LastHour } from '../../../src/control/kept/hour.ts';
import { Kept } from '../../../src/control/kept/kept.ts';
import { decisionsOf, holdsOf } from '../../../src/control/views/history.ts';
import type { Action, Held } from '../../../src/model/decision.ts';
import type { IntervalReport } from '../../../src/model/interval-report.ts';
import { EMPTY_MEMORY } from '../../../src/model/memory.ts';
import { guestSnapshot, snapshot, uuidOf } from '../../support/builders.ts';

const GUEST = { name: 'guest-1', uuid: uuidOf(1) };
const held = (why: string, guard?: string): Held => ({
  ...{ kind: 'held', controller: 'balloon', control: 'balloon_target', guest: GUEST, wanted: 1, why },
  ...(guard !== undefined && { guard }),
});
const action: Action = {
  ...{ controller: 'balloon', control: 'balloon_target', guest: GUEST, from: 2, to: 1, message: 'Ballooning' },
  ...{ reason: null, position: null, notes: [] },
};

function report(timeMs: number, changes: Partial<IntervalReport> & { readonly held?: readonly Held[] } = {}) {
  const { held: all = [], ...rest } = changes;
  return {
    snapshot: snapshot(timeMs, [guestSnapshot(1, [1, 9])]),
    input: null,
    judgement: { evaluated: true, decision: { requests: [], errors: [] }, plan: { actions: [], held: all } },
    ...{ outcomes: [], conditions: () => [], memoryBefore: EMPTY_MEMORY, overrides: [] },
    took: { collectMs: 0, decideMs: 0, applyMs: 0 },
    ...rest,
  } satisfies IntervalReport;
}

const keptOf = () =>
  new Kept(
    () => 0,
    () => ({ program: null, params: null }),
  );

describe('what is kept', () => {
  it('of something held back is one entry for as long as only its figures change', () => {
    const kept = keptOf();
    kept.observe(report(0, { held: [held('119 s old', 'a')] }));
    kept.observe(report(1000, { held: [held('2 min old', 'a')] }));
    kept.observe(report(2000, { held: [held('2 min old', 'b')] }));
    kept.observe(report(3000));
    kept.observe(report(4000, { held: [held('2 min old', 'b')] }));
    const { holds } = holdsOf(kept, { limit: 100 });
    const iso = (ms: number) => new Date(ms).toISOString();
    expect(holds).toMatchObject([
      { guard: 'a', why: '2 min old', times: 2, first: iso(0), last: iso(1000), ended: true },
      { guard: 'b', times: 1, first: iso(2000), last: iso(2000), ended: true },
      { guard: 'b', times: 1, first: iso(4000), ended: false },
    ]);
    expect(holdsOf(kept, { guard: 'a', limit: 100 }).holds).toHaveLength(1);
    expect(holdsOf(kept, { guest: 'guest-2', limit: 100 }).holds).toEqual([]);
    expect(holdsOf(kept, { since: iso(3000), limit: 100 }).holds).toHaveLength(1);
    expect(holdsOf(kept, { limit: 1 })).toMatchObject({ more: true, holds: [{ first: iso(4000) }] });
  });

  it('goes on while something lasts for more than an hour, and forgets what is older', () => {
    const kept = keptOf();
    const outcomes = [{ action, status: 'done' as const, detail: null }];
    for (let timeMs = 0; timeMs <= 2 * KEPT_MS; timeMs += 10_000)
      kept.observe(report(timeMs, { held: [held('busy')], outcomes }));
    expect(holdsOf(kept, { limit: 100 }).holds).toMatchObject([{ times: 721, first: new Date(0).toISOString() }]);
    const { decisions, complete_since: since } = decisionsOf(kept, { limit: 1000 });
    expect(since).toBe(new Date(KEPT_MS).toISOString());
    expect(decisions.length).toBeGreaterThanOrEqual(360);
    expect(decisions.length).toBeLessThan(400);
  });

  it('of a write that was not sent is a hold, and no decision', () => {
    const kept = keptOf();
    kept.observe(report(0, { outcomes: [{ action, status: 'held', detail: 'too old' }] }));
    expect(decisionsOf(kept, { limit: 10 }).decisions).toEqual([]);
    expect(holdsOf(kept, { limit: 10 }).holds).toMatchObject([{ why: 'too old' }]);
    expect(kept.targets.size).toBe(0);
  });

  it('is bounded, whatever the clock does, and nothing newer than complete_since is missing', () => {
    const times = fc.array(fc.integer({ min: 0, max: 3 * KEPT_MS }), { maxLength: 200 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 20 }), (all, most) => {
        const hour = new LastHour<number>((timeMs) => timeMs, most);
        const added: number[] = [];
        for (const timeMs of all) {
          hour.advance(timeMs);
          hour.add(timeMs);
          added.push(timeMs);
          expect(hour.entries.length).toBeLessThanOrEqual(most * 1.25);
        }
        const since = hour.completeSinceMs ?? 0;
        const complete = added.filter((timeMs) => timeMs >= since);
        expect(hour.entries.filter((timeMs) => timeMs >= since)).toEqual(complete);
      }),
    );
  });

  it('of guests that are gone is forgotten', () => {
    const kept = keptOf();
    kept.observe(report(0, { outcomes: [{ action, status: 'done', detail: null }] }));
    expect(kept.targets.size).toBe(1);
    kept.observe({ ...report(1000), snapshot: snapshot(1000, []) });
    expect(kept.targets.size).toBe(0);
  });
});
