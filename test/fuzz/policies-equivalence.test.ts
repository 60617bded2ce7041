import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideByHand } from '../../bench/hand-written.ts';
import { EMPTY_MEMORY, remember, type PolicyMemory } from '../../src/model/memory.ts';
import { layoutOf } from '../../src/model/field.ts';
import { withSuccessors } from '../../src/model/successors.ts';
import type { PolicyInput } from '../../src/model/snapshot.ts';
import { evaluate, loadPolicy } from '../../src/policy/index.ts';
import { evenTimes } from '../support/builders.ts';

const HOST = [
  'mem_available',
  'mem_free',
  'ksm_shareable',
  'ksm_pages_to_scan',
  'time_hour',
  'time_minute',
  'time_second',
];
const HOST_LAYOUT = withSuccessors(layoutOf(HOST));
const GUEST = ['balloon_cur', 'balloon_min', 'balloon_max', 'mem_unused', 'usable'];

function program(...names: string[]) {
  const sources = names.map((name) => ({
    file: name,
    text: readFileSync(new URL(`../../policies/${name}.policy`, import.meta.url), 'utf8'),
  }));
  const loaded = loadPolicy(sources);
  expect(loaded.diagnostics).toEqual([]);
  return loaded.program!;
}

const kib = (max: number) => fc.integer({ min: 0, max });

/** Sometimes next to nothing. */
const share = (max: number) => fc.oneof(kib(max), kib(Math.floor(max / 40)));

const hostSamples = kib(300_000_000).chain((total) =>
  fc.array(
    fc.tuple(
      fc.constant(Math.max(1, total)),
      kib(total),
      kib(2 * total),
      fc.integer({ min: 0, max: 3000 }),
      kib(23),
      kib(59),
      kib(59),
    ),
    { minLength: 1, maxLength: 10 },
  ),
);
const guestSamples = kib(64_000_000).chain((max) =>
  fc.array(
    kib(max).chain((cur) =>
      fc.tuple(fc.constant(cur), kib(max), fc.constant(max), share(cur), fc.oneof(fc.constant(null), share(cur))),
    ),
    { minLength: 1, maxLength: 10 },
  ),
);

const inputs: fc.Arbitrary<PolicyInput> = fc
  .tuple(hostSamples, fc.array(guestSamples, { maxLength: 5 }))
  .map(([host, guests]) => ({
    timeMs: 0,
    hostLayout: HOST_LAYOUT,
    guestLayout: layoutOf(GUEST),
    host: { props: { name: 'host' }, samples: host, times: evenTimes(host.length) },
    guests: guests.map((samples, n) => ({
      name: `g${n}`,
      uuid: `u${n}`,
      props: { name: `g${n}`, uuid: `u${n}` },
      samples,
      times: evenTimes(samples.length),
    })),
  }));

function sorted(requests: readonly { name: string; guest: { uuid: string } | null; value: unknown }[]) {
  return requests.map(({ name, guest, value }) => [name, guest?.uuid ?? null, value]).sort();
}

describe('mom-balloon.policy and mom-ksm.policy', () => {
  it('decide the same as a reference function for their rules', () => {
    const subject = program('mom-balloon', 'mom-ksm');
    fc.assert(
      fc.property(inputs, (input) => {
        const { decision } = evaluate(subject, input, EMPTY_MEMORY);
        expect(decision.errors).toEqual([]);
        expect(sorted(decision.requests)).toEqual(sorted(decideByHand(input)));
      }),
      { numRuns: 2000 },
    );
  });
});

/** A reference for ksmtuned in integer arithmetic; `state` holds the script's variables. */
function ksmtuned(total: number, free: number, committed: number, state: { npages: number }): [string, number][] {
  const sleep = Math.max(10, Math.floor((10 * 16 * 1024 * 1024) / total));
  const threshold = Math.max(2048, Math.floor((total * 20) / 100));
  if (committed + threshold < total && free > threshold) return [['ksm_run', 0]];
  state.npages = Math.min(1250, Math.max(64, state.npages + (free < threshold ? 300 : -50)));
  return [
    ['ksm_pages_to_scan', state.npages],
    ['ksm_run', 1],
    ['ksm_sleep_millisecs', sleep],
  ];
}

describe('ksmtuned.policy', () => {
  it('decides the same as the script, minute by minute', () => {
    const subject = program('ksmtuned');
    const minute = fc.record({
      freeShare: fc.double({ min: 0, max: 1, noNaN: true }),
      committedShare: fc.double({ min: 0, max: 2, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300_000 }),
        fc.array(minute, { minLength: 1, maxLength: 30 }),
        (units, minutes) => {
          // The total is a multiple of five, so that the script's integer threshold is exact.
          const total = units * 1000;
          const state = { npages: 0 };
          let memory: PolicyMemory = EMPTY_MEMORY;
          for (const [n, { freeShare, committedShare }] of minutes.entries()) {
            const [free, committed] = [Math.floor(total * freeShare), Math.floor(total * committedShare)];
            const sample = [total, free, committed, 0, 12 + Math.floor(n / 60), n % 60, 0];
            const input = {
              timeMs: 0,
              hostLayout: HOST_LAYOUT,
              guestLayout: layoutOf(GUEST),
              host: { props: {}, samples: [sample], times: [0] },
              guests: [],
            };
            const { decision, writes } = evaluate(subject, input, memory);
            memory = remember(memory, writes);
            const truncated = decision.requests.map(({ name, value }) => [name, Math.trunc(value as number)]).sort();
            expect(truncated).toEqual(ksmtuned(total, free, committed, state));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('waits for its monitor interval, also across midnight', () => {
    const subject = program('ksmtuned');
    const at = (hour: number, minute: number, second: number, memory: PolicyMemory) => {
      const host = { props: {}, samples: [[16_000_000, 1_000_000, 0, 0, hour, minute, second]], times: [0] };
      const input = { timeMs: 0, hostLayout: HOST_LAYOUT, guestLayout: layoutOf(GUEST), host, guests: [] };
      const { decision, writes } = evaluate(subject, input, memory);
      return { isDue: decision.requests.length > 0, memory: remember(memory, writes) };
    };
    const times: [number, number, number, boolean][] = [
      [23, 58, 0, true],
      [23, 58, 59, false],
      [23, 59, 0, true],
      [23, 59, 59, false],
      [0, 0, 0, true],
      [0, 0, 59, false],
      [0, 1, 0, true],
    ];
    let memory: PolicyMemory = EMPTY_MEMORY;
    for (const [hour, minute, second, expected] of times) {
      const result = at(hour, minute, second, memory);
      expect(result.isDue, `${hour}:${minute}:${second}`).toBe(expected);
      memory = result.memory;
    }
  });
});
