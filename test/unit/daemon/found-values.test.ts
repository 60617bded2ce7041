import { describe, expect, it } from 'vitest';
import { balloon } from '../../../controllers/balloon.ts';
import { FoundValues } from '../../../src/daemon/found-values.ts';
import type { Outcome } from '../../../src/model/decision.ts';
import type { PolicyInput, Props } from '../../../src/model/snapshot.ts';
import { uuidOf } from '../../support/builders.ts';
import { START_MS } from '../../support/kernel.ts';
import { inputOf } from '../../support/planning.ts';

/** Guest 1 with this size and these properties of its run; null: it is absent. */
function seen(kib: number | null, run: Props = {}, timeMs = START_MS): PolicyInput {
  const input = inputOf({}, kib === null ? [] : [{ number: 1, samples: [{ balloon_cur: kib }] }], timeMs);
  return { ...input, guests: input.guests.map((guest) => ({ ...guest, props: { ...guest.props, ...run } })) };
}

const observe = (values: FoundValues, input: PolicyInput) => values.observe(balloon.values!(input), input);
const sizes = (values: FoundValues) => values.all.map(({ value }) => value);
const written = (to: number, status: Outcome['status']): Outcome => ({
  action: {
    ...{ controller: 'balloon', control: 'balloon_target', guest: { name: 'guest-1', uuid: uuidOf(1) } },
    ...{ from: 0, to, message: '', reason: null, position: null, notes: [] },
  },
  status,
  detail: null,
});
const noted = (changes: object = {}) => ({
  ...{ uuid: uuidOf(1), name: 'guest-1', id: 1, pid: 41, started: 777, values: { balloon_target: 900_000 } },
  ...changes,
});

describe('FoundValues', () => {
  it('keeps the first size of each run of a guest, and counts only what is new', () => {
    const values = new FoundValues();
    observe(values, seen(500_000));
    observe(values, seen(400_000));
    expect([sizes(values), values.changes]).toEqual([[500_000], 1]);
    observe(values, seen(400_000, { id: 2 }));
    expect([sizes(values), values.changes]).toEqual([[400_000], 2]);
  });

  it('keeps a guest that is missing for a while, and forgets it after a day', () => {
    const values = new FoundValues();
    observe(values, seen(500_000));
    observe(values, seen(null));
    expect(sizes(values)).toEqual([500_000]);
    observe(values, seen(null, {}, START_MS + 86_400_001));
    expect(sizes(values)).toEqual([]);
  });

  it.each([
    ['done', 1],
    ['failed', 1],
    ['refused', 0],
    ['held', 0],
  ] as const)('remembers a write with the outcome %s until the guest has followed', (status, count) => {
    const values = new FoundValues();
    observe(values, seen(500_000));
    values.written([written(400_001, status)]);
    observe(values, seen(450_000));
    expect(values.pending).toHaveLength(count);
    observe(values, seen(400_004));
    expect(values.pending).toEqual([]);
  });

  it.each([
    ['the same process, renumbered by libvirt', { pid: 41, started: 777, id: 9 }, {}, 900_000],
    ['another process', { pid: 41, started: 778 }, {}, 500_000],
    ['a process that is unknown now', { pid: null, started: null }, {}, 500_000],
    ['processes that were never known, and the same id', { pid: null }, { pid: null, started: null }, 900_000],
    ['processes that were never known, and another id', { pid: null, id: 2 }, { pid: null, started: null }, 500_000],
  ])('takes over what an earlier Ballast found: %s', (_what, run, changes, kib) => {
    const values = new FoundValues();
    values.adopt({ host: { ksm_run: 1 }, guests: [noted(changes)] });
    observe(values, seen(500_000, run));
    expect(sizes(values)).toEqual([1, kib]);
    expect(values.of(uuidOf(1))?.isAdopted).toBe(kib === 900_000);
  });

  it('passes on what it took over and has not seen yet', () => {
    const values = new FoundValues();
    values.adopt({ host: { ksm_run: 1 }, guests: [noted()] });
    observe(values, seen(null));
    expect(values.state).toEqual({ host: { ksm_run: 1 }, guests: [noted()] });
    expect(sizes(values)).toEqual([1, 900_000]);
  });
});
