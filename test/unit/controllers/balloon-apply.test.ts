import { describe, expect, it } from 'vitest';
import { balloon } from '../../../controllers/balloon.ts';
import type { Action } from '../../../src/model/decision.ts';
import type { GuestRef } from '../../../src/model/control.ts';
import { HypervisorError, type Hypervisor } from '../../../src/ports/hypervisor.ts';
import { uuidOf } from '../../support/builders.ts';
import { fixtureHost, NEVER_ABORTED, START_MS } from '../../support/kernel.ts';
import { controllerContext, inputOf } from '../../support/planning.ts';

type Balloon = (guest: GuestRef, kib: number, signal: AbortSignal) => Promise<void>;

function createBalloon(setBalloonTarget: Balloon = () => Promise.resolve(), callTimeoutMs = 5000) {
  const hypervisor: Hypervisor = {
    connected: true,
    start: () => Promise.resolve(true),
    readGuests: () => Promise.resolve({ guests: [], problems: [] }),
    readGuest: () => Promise.resolve(null),
    setBalloonTarget,
    onEvent: () => undefined,
    close: () => Promise.resolve(),
  };
  return balloon.create(controllerContext(fixtureHost('bare'), hypervisor, callTimeoutMs));
}

const actionOn = (number: number, from: number, to: number): Action => ({
  controller: 'balloon',
  control: 'balloon_target',
  guest: { name: `guest-${number}`, uuid: uuidOf(number) },
  from,
  to,
  message: `Ballooning guest:guest-${number} from ${from} to ${to}`,
  reason: null,
  position: null,
  notes: [],
});

describe('writing a balloon target', () => {
  it('calls the hypervisor once', async () => {
    const calls: unknown[] = [];
    const { apply } = createBalloon(({ name }, kib) => (calls.push([name, kib]), Promise.resolve()));
    const action = actionOn(1, 500000, 400000);
    expect(await apply(action, NEVER_ABORTED)).toEqual({ action, status: 'done', detail: null });
    expect(calls).toEqual([['guest-1', 400000]]);
  });

  it.each([
    ['gone', 'gone'],
    ['refused', 'refused'],
    ['timeout', 'failed'],
    ['disconnected', 'failed'],
  ] as const)('reports the hypervisor error %s as %s', async (kind, status) => {
    const { apply } = createBalloon(() => Promise.reject(new HypervisorError(kind, 'the words of libvirt')));
    expect(await apply(actionOn(1, 2, 1), NEVER_ABORTED)).toMatchObject({ status, detail: 'the words of libvirt' });
  });

  it('times out and aborts the call to the hypervisor', async () => {
    let passed: AbortSignal | undefined;
    const { apply } = createBalloon((_guest, _kib, signal) => ((passed = signal), new Promise(() => undefined)), 1);
    expect(await apply(actionOn(1, 2, 1), NEVER_ABORTED)).toMatchObject({
      status: 'failed',
      detail: 'no answer within 1 ms',
    });
    expect(passed?.aborted).toBe(true);
  });

  it('stops waiting when Ballast is interrupted', async () => {
    const stop = new AbortController();
    const { apply } = createBalloon(() => (stop.abort(), new Promise(() => undefined)));
    expect(await apply(actionOn(1, 2, 1), stop.signal)).toMatchObject({
      status: 'failed',
      detail: 'aborted before the hypervisor replied',
    });
  });

  it('does not hide a bug', async () => {
    const { apply } = createBalloon(() => Promise.reject(new TypeError('a bug')));
    await expect(apply(actionOn(1, 2, 1), NEVER_ABORTED)).rejects.toThrow('a bug');
    await expect(apply({ ...actionOn(1, 2, 1), guest: null }, NEVER_ABORTED)).rejects.toThrow(
      'not an action of balloon',
    );
  });
});

describe('restoring balloons', () => {
  const seen = (sizes: Readonly<Record<number, number | null>>, timeMs = START_MS, id?: number) =>
    inputOf(
      {},
      Object.entries(sizes).map(([number, kib]) => ({
        number: Number(number),
        ...(id !== undefined && { id }),
        samples: [{ balloon_cur: kib }],
      })),
      timeMs,
    );

  const restored = (instance: ReturnType<typeof createBalloon>) => instance.restore().map(({ message }) => message);

  it('plans nothing when no balloon has moved', () => {
    const instance = createBalloon();
    instance.observe(seen({ 1: 500000 }));
    instance.observe(seen({ 1: 500000 }));
    expect(restored(instance)).toEqual([]);
  });

  it('returns each guest to its first size, shrinking before growing', () => {
    const instance = createBalloon();
    instance.observe(seen({ 1: 500000, 2: 300000 }));
    instance.observe(seen({ 1: 400000, 2: 350000, 3: 700000 }));
    instance.observe(seen({ 1: 400000, 2: 350000, 3: 600000 }));
    expect(restored(instance)).toEqual([
      'Ballooning guest:guest-2 from 350000 to 300000',
      'Ballooning guest:guest-1 from 400000 to 500000',
      'Ballooning guest:guest-3 from 600000 to 700000',
    ]);
    expect(instance.restore()[0]).toMatchObject({ reason: 'restored to its initial value', position: null });
  });

  it('includes a target that the guest has not reached yet', async () => {
    const instance = createBalloon();
    instance.observe(seen({ 1: 500000 }));
    await instance.apply(actionOn(1, 500000, 400001), NEVER_ABORTED);
    expect(restored(instance)).toEqual(['Ballooning guest:guest-1 from 400001 to 500000']);
    instance.observe(seen({ 1: 400004 }));
    expect(restored(instance)).toEqual(['Ballooning guest:guest-1 from 400004 to 500000']);
    instance.observe(seen({ 1: 500000 }));
    expect(restored(instance)).toEqual([]);
  });

  it('includes a target that may have taken effect, but not one that was refused', async () => {
    const lost = createBalloon(() => Promise.reject(new HypervisorError('disconnected', 'lost')));
    const refused = createBalloon(() => Promise.reject(new HypervisorError('refused', 'no')));
    for (const instance of [lost, refused]) {
      instance.observe(seen({ 1: 500000 }));
      await instance.apply(actionOn(1, 500000, 400000), NEVER_ABORTED);
    }
    expect(restored(lost)).toHaveLength(1);
    expect(restored(refused)).toEqual([]);
  });

  it('includes a guest that is missing from the last snapshot', () => {
    const instance = createBalloon();
    instance.observe(seen({ 1: 500000 }));
    instance.observe(seen({ 1: 400000 }));
    instance.observe(seen({}));
    instance.observe(seen({ 1: null }));
    expect(restored(instance)).toEqual(['Ballooning guest:guest-1 from 400000 to 500000']);
  });

  it('starts over with a guest that was restarted', () => {
    const instance = createBalloon();
    instance.observe(seen({ 1: 500000 }, START_MS, 1));
    instance.observe(seen({ 1: 400000 }, START_MS, 2));
    expect(restored(instance)).toEqual([]);
  });

  it('forgets a guest that has been away for a day', () => {
    const instance = createBalloon();
    instance.observe(seen({ 1: 500000 }));
    instance.observe(seen({ 1: 400000 }));
    instance.observe(seen({}, START_MS + 86_400_001));
    expect(restored(instance)).toEqual([]);
  });
});
