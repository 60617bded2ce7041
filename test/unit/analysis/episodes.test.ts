import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Episodes, fewer } from '../../../src/analysis/episodes.ts';
import type { TimelineEvent } from '../../../src/tooling/timeline/event.ts';

function write(from: number, to: number, changes: Partial<TimelineEvent> = {}): TimelineEvent {
  return {
    ...{ time: '', kind: 'write', control: 'balloon_target', guest: { name: 'web-1', uuid: 'u' }, from, to },
    ...{ change_kib: to - from, asked_by: 'policy', reason: 'free 15% < 20%', position: null, notes: [] },
    ...{ status: 'done', detail: null, ...changes },
  };
}

describe('episodes', () => {
  it('joins steps in one direction for one reason, whatever its figures are', () => {
    const episodes = new Episodes(100, 30_000);
    episodes.add(0, write(8000, 7000));
    episodes.add(10_000, write(7000, 6000, { reason: 'free 12% < 20%' }));
    episodes.add(20_000, write(6000, 6500, { reason: 'free 40%' }));
    episodes.add(60_001, write(6500, 6000));
    expect(episodes.list().map(({ fromMs, toMs, writes, direction, from, to, why }) => [fromMs, toMs, writes, direction, from, to, why])).toEqual([
      [0, 10_000, 2, 'taken', 8000, 6000, 'free 12% < 20%'],
      [20_000, 20_000, 1, 'given', 6000, 6500, 'free 40%'],
      [60_001, 60_001, 1, 'taken', 6500, 6000, 'free 15% < 20%'],
    ]); // prettier-ignore
  });

  it('says what became of a write that was not done, and shows sizes in their units', () => {
    const episodes = new Episodes(100, 30_000);
    episodes.add(0, write(8000, 7000, { status: 'refused', detail: 'the guest is being migrated' }));
    episodes.add(1, write(8000, 7000, { reason: null, notes: ['raised from 308835 to 316088: its floor'] }));
    expect(episodes.list()).toMatchObject([
      { direction: 'failed', why: 'refused; the guest is being migrated; free 15% < 20%' },
      { direction: 'taken', why: 'raised from 302 MiB to 309 MiB: its floor' },
    ]);
  });

  it('loses no write, however many there are', () => {
    const event = fc.record({
      t: fc.integer({ min: 0, max: 1e9 }),
      to: fc.integer({ min: 0, max: 2000 }),
      why: fc.constantFrom('a', 'b', 'c', 'd'),
      status: fc.constantFrom('done', 'refused') as fc.Arbitrary<string>,
      control: fc.constantFrom('balloon_target', 'ksm_run'),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 120 }), fc.integer({ min: 4, max: 20 }), (events, most) => {
        const episodes = new Episodes(most, 1000);
        for (const { t, to, why, status, control } of events)
          episodes.add(t, write(1000, to, { reason: why, status, control }));
        const kept = episodes.list();
        expect(kept.length).toBeLessThanOrEqual(most);
        expect(kept.reduce((sum, { writes }) => sum + writes, 0)).toBe(events.length);
        for (const { t } of events) expect(kept.some(({ fromMs, toMs }) => fromMs <= t && t <= toMs)).toBe(true);
        const few = fewer(kept, 4);
        expect(few.length).toBeLessThanOrEqual(4);
        expect(few.reduce((sum, { writes }) => sum + writes, 0)).toBe(events.length);
      }),
    );
  });
});
