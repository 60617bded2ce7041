import { NO_AGENT } from '../../support/no-agent.ts';
import { NO_TUNING } from '../../support/no-tuning.ts';
import { describe, expect, it } from 'vitest';
import { balloon } from '../../../controllers/balloon.ts';
import type { Action } from '../../../src/model/decision.ts';
import type { GuestRef } from '../../../src/model/control.ts';
import { HypervisorError, type Hypervisor } from '../../../src/ports/hypervisor.ts';
import { uuidOf } from '../../support/builders.ts';
import { fixtureHost, NEVER_ABORTED } from '../../support/kernel.ts';
import { controllerContext } from '../../support/planning.ts';

type Balloon = (guest: GuestRef, kib: number, signal: AbortSignal) => Promise<void>;

function createBalloon(setBalloonTarget: Balloon = () => Promise.resolve(), callTimeoutMs = 5000) {
  const hypervisor: Hypervisor = {
    connected: true,
    start: () => Promise.resolve(true),
    readGuests: () => Promise.resolve({ guests: [], problems: [] }),
    readGuest: () => Promise.resolve(null),
    setBalloonTarget,
    tuning: NO_TUNING,
    agent: NO_AGENT,
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
