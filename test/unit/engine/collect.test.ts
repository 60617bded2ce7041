import { NO_AGENT } from '../../support/no-agent.ts';
import { NO_TUNING } from '../../support/no-tuning.ts';
import { getEventListeners } from 'node:events';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { SnapshotTaker } from '../../../src/engine/collect.ts';
import type { Host } from '../../../src/ports/host.ts';
import { HypervisorError, type GuestReading, type Hypervisor } from '../../../src/ports/hypervisor.ts';
import type { Collector, FieldValues, GuestCollector } from '../../../src/plugin/collector.ts';
import { field, reading } from '../../support/builders.ts';

const host: Host = { readText: async () => null, list: async () => null, writeText: async () => undefined };

function hypervisor(guests: readonly GuestReading[] | Error): Hypervisor {
  return {
    start: async () => true,
    connected: true,
    readGuests: async () => {
      if (guests instanceof Error) throw guests;
      return { guests, problems: [] };
    },
    readGuest: async ({ uuid }) =>
      guests instanceof Error ? null : (guests.find((guest) => guest.uuid === uuid) ?? null),
    setBalloonTarget: async () => undefined,
    tuning: NO_TUNING,
    agent: NO_AGENT,
    onEvent: () => undefined,
    close: async () => undefined,
  };
}

function hostCollector(
  collect: () => FieldValues | Promise<FieldValues>,
  fields = [field('mem_free')],
  name = 'h',
): Collector {
  return { name, scope: 'host', fields, create: () => ({ collect }) };
}

function guestCollector(
  collect: (guest: GuestReading) => FieldValues | Promise<FieldValues>,
  fields = [field('balloon_cur')],
): GuestCollector {
  return { name: 'g', scope: 'guest', fields, create: () => ({ collect }) };
}

function taker(collectors: readonly Collector[], guests: readonly GuestReading[] | Error = [], timeoutMs = 50) {
  const context = {
    host,
    tuning: NO_TUNING,
    agent: NO_AGENT,
    now: () => 42,
    balloonMinKib: () => null,
    ballooningOff: () => null,
    verdicts: () => ({}),
    writes: () => ({}),
  };
  return new SnapshotTaker(collectors, hypervisor(guests), context, {
    timeoutMs,
    settings: () => ({}),
    labels: (name, own) => `${name} ${own}`,
  });
}

const signal = new AbortController().signal;

describe('SnapshotTaker', () => {
  it("stores every collector's values in the layout's order, and sorts guests by name, then uuid", async () => {
    const subject = taker(
      [
        hostCollector(() => ({ b: 2, a: 1 }), [field('a'), field('b')]),
        hostCollector(async () => ({ c: 'x' }), [field('c', { type: 'string' })], 'h2'),
        guestCollector(({ pid }) => ({ balloon_cur: pid })),
      ],
      [reading(2), reading(1), { ...reading(3), name: 'guest-1' }],
    );
    const snapshot = await subject.take(signal);
    expect(subject.hostLayout.names).toEqual(['a', 'b', 'c']);
    expect(snapshot).toMatchObject({ timeMs: 42, host: [1, 2, 'x'], problems: [] });
    expect(snapshot.guests.map(({ name, sample, props }) => [name, sample, props['id']])).toEqual([
      ['guest-1', [1001], 1],
      ['guest-1', [1003], 3],
      ['guest-2', [1002], 2],
    ]);
  });

  it('gives each guest the labels of its name and its own', async () => {
    const own = { metadata: { balloonMinKib: null, ballooning: null, labels: 'db' } };
    const { guests } = await taker([], [reading(1), reading(2, own)]).take(signal);
    expect(guests.map(({ props }) => props['labels'])).toEqual(['guest-1 ', 'guest-2 db']);
  });

  it('excludes a guest without a mandatory field; an optional field becomes nil, and zero stays zero', async () => {
    const fields = [field('balloon_cur'), field('swap_in', { optional: true })];
    const subject = taker(
      [guestCollector(({ name }) => (name === 'guest-1' ? { balloon_cur: 0 } : { swap_in: 5 }), fields)],
      [reading(1), reading(2)],
    );
    const snapshot = await subject.take(signal);
    expect(snapshot.guests.map(({ name, sample }) => [name, sample])).toEqual([['guest-1', [0, null]]]);
    expect(snapshot.problems).toMatchObject(
      [{ collector: 'g', guest: { name: 'guest-2' }, message: /balloon_cur/ }].map((p) => ({
        ...p,
        message: expect.stringMatching(p.message),
      })),
    );
  });

  it('loses only the fields of a failing collector, and only when they are optional', async () => {
    const fail = () => Promise.reject(new Error('no such file'));
    const optional = await taker([
      hostCollector(() => ({ a: 1 }), [field('a')]),
      hostCollector(fail, [field('b', { optional: true })], 'h2'),
    ]).take(signal);
    expect(optional).toMatchObject({
      host: [1, null],
      problems: [{ collector: 'h2', guest: null, message: 'no such file' }],
    });
    const mandatory = await taker([hostCollector(fail)]).take(signal);
    expect(mandatory.host).toBeNull();
  });

  it('does not wait for a collector that hangs, and does not call it again before it has finished', async () => {
    let calls = 0;
    const finish: (() => void)[] = [];
    const hangs = () => {
      calls += 1;
      return new Promise<FieldValues>((resolve) => finish.push(() => resolve({ b: 7 })));
    };
    const subject = taker([
      hostCollector(() => ({ a: 1 }), [field('a')]),
      hostCollector(hangs, [field('b', { optional: true })], 'slow'),
    ]);
    expect((await subject.take(signal)).problems).toMatchObject([{ collector: 'slow', message: 'timed out' }]);
    expect((await subject.take(signal)).problems).toMatchObject([
      { collector: 'slow', message: 'is still running from an earlier interval' },
    ]);
    expect(calls).toBe(1);
    finish[0]!();
    const third = subject.take(signal);
    await vi.waitFor(() => expect(finish).toHaveLength(2));
    finish[1]!();
    expect(await third).toMatchObject({ host: [1, 7], problems: [] });
  });

  it.each([
    ['nothing', undefined, 'returned nothing; expected an object of fields'],
    ['a string', 'b', 'returned a string; expected an object of fields'],
    ['a string for a number', { b: '7' }, 'returned "7" for b, expected a number'],
    ['a bigint', { b: 7n }, 'returned 7 for b, expected a number'],
    ['an object', { b: { deep: 1 } }, 'returned an object for b, expected a number'],
    ['NaN', { b: NaN }, 'returned NaN for b, expected a finite number'],
    ['infinity', { b: Infinity }, 'returned Infinity for b, expected a finite number'],
  ])('treats %s from a collector as its failure', async (_what, given, message) => {
    for (const give of [() => given, async () => given] as (() => FieldValues)[]) {
      const optional = hostCollector(give, [field('b', { optional: true })], 'odd');
      const subject = taker(
        [
          hostCollector(() => ({ a: 1 }), [field('a')]),
          optional,
          guestCollector(give, [field('b', { optional: true })]),
        ],
        [reading(1)],
      );
      const { host: sample, guests, problems } = await subject.take(signal);
      expect([sample, guests.map(({ sample }) => sample)]).toEqual([[1, null], [[null]]]);
      expect(problems).toEqual([
        { collector: 'odd', guest: null, message },
        { collector: 'g', guest: { name: 'guest-1', uuid: reading(1).uuid }, message },
      ]);
    }
    const mandatory = await taker([hostCollector(() => given as unknown as FieldValues, [field('b')])]).take(signal);
    expect(mandatory).toMatchObject({ host: null, problems: [{ message }] });
    expect(mandatory.problems).toHaveLength(1);
  });

  it("leaves no listener on the daemon's long-lived signal", async () => {
    const signal = new AbortController().signal;
    const subject = taker([hostCollector(async () => ({ a: 1 }), [field('a')])]);
    await subject.take(signal);
    const internals = signal as unknown as Record<symbol, unknown>;
    const dependants = Object.getOwnPropertySymbols(signal).filter(
      ({ description }) => description === 'kDependantSignals',
    );
    expect(dependants.flatMap((key) => [...((internals[key] ?? []) as Iterable<unknown>)])).toEqual([]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('collects the host alone when there is no connection to the hypervisor', async () => {
    const subject = taker(
      [hostCollector(() => ({ mem_free: 3 }))],
      new HypervisorError('disconnected', 'libvirtd is away'),
    );
    expect(await subject.take(signal)).toMatchObject({
      host: [3],
      guests: [],
      problems: [{ collector: 'hypervisor', guest: null, message: 'libvirtd is away' }],
    });
  });

  it('does not hide a bug in the hypervisor', async () => {
    await expect(taker([], new TypeError('x is not a function')).take(signal)).rejects.toThrow('x is not a function');
  });

  it('excludes a guest that does not respond', async () => {
    const subject = taker([guestCollector(() => ({ balloon_cur: 1 }))], [reading(1, { answer: 'stuck' }), reading(2)]);
    const snapshot = await subject.take(signal);
    expect(snapshot.guests.map(({ name }) => name)).toEqual(['guest-2']);
    expect(snapshot.problems).toHaveLength(1);
  });

  it('collects thousands of guests with asynchronous collectors without a warning', async () => {
    const warnings: string[] = [];
    const listen = (warning: Error) => warnings.push(warning.message);
    process.on('warning', listen);
    const subject = taker(
      [guestCollector(async () => ({ balloon_cur: 1 }))],
      Array.from({ length: 3000 }, (_, n) => reading(n)),
      20_000,
    );
    expect((await subject.take(signal)).guests).toHaveLength(3000);
    // Node emits its warnings in the next tick.
    await turnOfEventLoop();
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });

  describe('reads a guest once more', () => {
    const calls: string[] = [];
    const collector = (name: string, stateless: boolean): GuestCollector => ({
      name,
      scope: 'guest',
      stateless,
      fields: [field(name)],
      create: () => ({
        collect: ({ pid }) => {
          calls.push(name);
          return { [name]: pid! + calls.length };
        },
      }),
    });
    /** The view of guest 1 in a first snapshot, and what it is when it is read again as `later`. */
    const again = async (later: GuestReading | null) => {
      calls.length = 0;
      const guests: GuestReading[] = [reading(1)];
      const subject = taker([collector('counter', false), collector('size', true)], guests);
      const { guests: taken } = await subject.take(signal);
      const { name, uuid, props, sample } = taken[0]!;
      guests.length = 0;
      if (later !== null) guests.push(later);
      return subject.takeAgain({ name, uuid, props, samples: [sample], times: [1] }, signal);
    };

    it('with the collectors that keep no state, and the last values of the others', async () => {
      const pid = reading(1).pid!;
      expect(await again(reading(1))).toMatchObject({
        samples: [
          [pid + 1, pid + 2],
          [pid + 1, pid + 3],
        ],
        times: [1, 42],
      });
      expect(calls).toEqual(['counter', 'size', 'size']);
    });

    it.each([
      [null, 'is no longer running'],
      [{ ...reading(1), answer: 'stuck' as const }, 'does not respond to the hypervisor'],
      [{ ...reading(1), pid: 99_999, id: 77 }, 'was started anew'],
    ])('and says why it cannot', async (later, why) => {
      expect(await again(later)).toBe(why);
    });
  });
});
