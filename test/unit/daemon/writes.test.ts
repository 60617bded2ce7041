import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { balloon } from '../../../controllers/balloon.ts';
import { guards } from '../../../guards/index.ts';
import { Writes } from '../../../src/daemon/writes.ts';
import { OUT_OF_TIME } from '../../../src/engine/apply.ts';
import { plan } from '../../../src/engine/plan.ts';
import type { Action, Outcome } from '../../../src/model/decision.ts';
import type { GuestView } from '../../../src/model/snapshot.ts';
import { NEVER_ABORTED } from '../../support/kernel.ts';
import { capturedLog } from '../../support/captured-log.ts';
import { inputOf, planOf, requestOf, settingsWith, type Fields } from '../../support/planning.ts';

const FIELDS: Fields = {
  balloon_cur: 1_000_000,
  balloon_max: 2_000_000,
  balloon_min: 0,
  usable: 800_000,
  last_update: 100,
  state: 'running',
  job: 'none',
  stats_age: 58,
};
const TIMES = { collectIntervalMs: 100, maxDecisionAgeMs: 10_000 };

/** Plans for some guests that want to shrink, decided at 0 ms, and the writes that were made of them. */
function world(count: number, fresh: (guest: GuestView) => GuestView | string = (guest) => guest, fields = FIELDS) {
  const numbers = Array.from({ length: count }, (_, at) => at + 1);
  const settings = settingsWith({ headroom: 65_536 }, { jobs: { enabled: true } });
  const input = inputOf(
    {},
    numbers.map((number) => ({ number, samples: [fields] })),
  );
  const requests = numbers.map((number) => requestOf('balloon_target', 900_000, number));
  const { actions } = planOf(balloon, requests, input, settings);
  const clock = { ms: 0 };
  const read: string[] = [];
  const learnt: Outcome[] = [];
  const log = capturedLog();
  const writes = new Writes(
    {
      taker: {
        takeAgain: async (guest) => {
          read.push(guest.name);
          return fresh(guest);
        },
      },
      decider: {
        plan: (decision, at) => plan({ guards, controllers: [balloon] }, decision, at, settings),
        learn: (outcomes) => void learnt.push(...outcomes),
      },
      clock: { monotonic: () => clock.ms },
      log: log.of,
    },
    { patienceMs: 1, rereadMs: 1000, leastMs: 20 },
  );
  const written: (string | undefined)[] = [];
  const run = (write: (action: Action) => void | Promise<void> = () => undefined, beganMs = 0, own = actions) =>
    writes.apply(
      own,
      new Map([
        [
          'balloon',
          {
            concurrency: 1,
            apply: async (action: Action): Promise<Outcome> => {
              written.push(action.guest?.name);
              await write(action);
              return { action, status: 'done', detail: null };
            },
          },
        ],
      ]),
      { input, requests, beganMs, decidedMs: beganMs },
      TIMES,
      NEVER_ABORTED,
    );
  return { clock, run, written, read, log, learnt, actions };
}

const withFields = (changes: Fields) => (guest: GuestView) => {
  const fresh = inputOf({}, [{ number: 1, samples: [{ ...FIELDS, ...changes }] }]).guests[0]!;
  return { ...guest, samples: [...guest.samples, ...fresh.samples] };
};

describe('the writes of an interval', () => {
  it('are made without reading anything again while their decision is fresh', async () => {
    const { run, written, read } = world(3);
    expect((await run()).map(({ status }) => status)).toEqual(['done', 'done', 'done']);
    expect(written).toEqual(['guest-1', 'guest-2', 'guest-3']);
    expect(read).toEqual([]);
  });

  it('look at the age of the statistics at the write, not at the decision', async () => {
    const { clock, run, written } = world(2, undefined, { ...FIELDS, stats_age: 59 });
    const outcomes = await run(() => {
      clock.ms += 1500;
    });
    expect(written).toEqual(['guest-1']);
    expect(outcomes[1]).toMatchObject({ status: 'held', detail: expect.stringMatching(/61 s old/) as string });
  });

  it('read a guest again when the decision is older, and hold back what does not hold any more', async () => {
    const { clock, run, written, read } = world(3, withFields({ stats_age: 1, job: 'migration' }));
    const outcomes = await run(() => {
      clock.ms += 2500;
    });
    expect(written).toEqual(['guest-1']);
    expect(read).toEqual(['guest-2', 'guest-3']);
    expect(outcomes[1]).toMatchObject({
      status: 'held',
      detail: expect.stringMatching(/^no longer holds: the guest is being migrated/) as string,
    });
  });

  it('hold back what cannot be read again', async () => {
    const { clock, run } = world(2, () => 'is no longer running');
    const outcomes = await run(() => {
      clock.ms += 2500;
    });
    expect(outcomes[1]).toMatchObject({ status: 'held', detail: 'the guest is no longer running' });
  });

  it('are dropped when their decision is too old', async () => {
    const { clock, run, written, read } = world(2);
    const outcomes = await run(() => {
      clock.ms += 76_000;
    });
    expect(written).toEqual(['guest-1']);
    expect(read).toEqual([]);
    expect(outcomes[1]).toMatchObject({
      status: 'held',
      detail: 'decided 76.0 s ago (limit 10 s); the next evaluation decides anew',
    });
  });

  it('begin with those that the last interval had no time for', async () => {
    const { run, written, log, learnt } = world(3);
    let finish = (): void => undefined;
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const first = await run(() => slow);
    expect(first.map(({ status, detail }) => detail ?? status)).toEqual([
      'no answer within 95 ms',
      OUT_OF_TIME,
      OUT_OF_TIME,
    ]);
    finish();
    await new Promise((resolve) => setImmediate(resolve));
    expect(learnt).toMatchObject([{ status: 'done', action: { guest: { name: 'guest-1' } } }]);
    expect(log.messages()).toEqual(['Ballooning guest:guest-1 from 1000000 to 900000']);
    await run();
    expect(written).toEqual(['guest-1', 'guest-2', 'guest-3', 'guest-1']);
  });

  it('begin with what a guard has asked for', async () => {
    const { run, written, actions } = world(3);
    await run(undefined, 0, [actions[0]!, actions[1]!, { ...actions[2]!, guard: 'relief' }]);
    expect(written).toEqual(['guest-3', 'guest-1', 'guest-2']);
  });

  it('are never made on old figures or old decisions, however long each takes', async () => {
    const delays = fc.array(fc.oneof(fc.nat(300), fc.nat(5000), fc.nat(90_000)), { minLength: 6, maxLength: 6 });
    const ages = fc.record({ sampled: fc.double({ min: 0, max: 70, noNaN: true }), fresh: fc.nat(120) });
    await fc.assert(
      fc.asyncProperty(delays, ages, fc.boolean(), async (waits, { sampled, fresh }, moves) => {
        const later = withFields({ stats_age: fresh, usable: moves ? 50_000 : 800_000 });
        const { clock, run, read } = world(6, later, { ...FIELDS, stats_age: sampled });
        await run(({ guest }) => {
          const isFresh = read.includes(guest!.name);
          expect(clock.ms).toBeLessThanOrEqual(10_000);
          expect(clock.ms > 2000).toBe(isFresh);
          expect(isFresh ? fresh : sampled + clock.ms / 1000).toBeLessThanOrEqual(60);
          if (isFresh) expect(moves).toBe(false);
          clock.ms += waits.shift()!;
        });
      }),
      { numRuns: 200 },
    );
  });
});
