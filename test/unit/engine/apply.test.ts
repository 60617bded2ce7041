import { describe, expect, it } from 'vitest';
import { apply, dryRun, effectsOf } from '../../../src/engine/apply.ts';
import type { Action, Outcome } from '../../../src/model/decision.ts';

function action(controller: string, to: number): Action {
  return {
    controller,
    control: 'c',
    guest: null,
    from: null,
    to,
    message: `${controller} ${to}`,
    reason: null,
    position: null,
    notes: [],
  };
}

/** Writes that take a turn of the event loop, and the number of writes in flight. */
function slow(concurrency: number) {
  const started: unknown[] = [];
  let running = 0;
  const peak = { running: 0 };
  const write = async (each: Action): Promise<Outcome> => {
    started.push(each.to);
    running += 1;
    peak.running = Math.max(peak.running, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return { action: each, status: 'done', detail: null };
  };
  return { effect: { concurrency, apply: write }, started, peak };
}

const signal = new AbortController().signal;

describe('apply', () => {
  it('starts the writes of a controller in the order of the plan, up to its concurrency', async () => {
    const { effect, started, peak } = slow(3);
    const actions = [1, 2, 3, 4, 5, 6, 7].map((n) => action('balloon', n));
    const outcomes = await apply(actions, new Map([['balloon', effect]]), signal);
    expect(started).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(peak.running).toBe(3);
    expect(outcomes.map((outcome) => outcome.action)).toEqual(actions);
  });

  it('returns the outcomes in the order of the actions when controllers are mixed', async () => {
    const effects = new Map([
      ['ksm', slow(1).effect],
      ['balloon', slow(4).effect],
    ]);
    const actions = [action('balloon', 1), action('ksm', 2), action('balloon', 3)];
    expect((await apply(actions, effects, signal)).map(({ action: { to } }) => to)).toEqual([1, 2, 3]);
  });

  it('starts no write after the abort, and reports the skipped ones', async () => {
    const stop = new AbortController();
    const { effect, started } = slow(1);
    const stopping = {
      concurrency: 1,
      apply: (each: Action) => {
        stop.abort();
        return effect.apply(each);
      },
    };
    const outcomes = await apply([action('ksm', 1), action('ksm', 2)], new Map([['ksm', stopping]]), stop.signal);
    expect(started).toEqual([1]);
    expect(outcomes).toMatchObject([
      { status: 'done' },
      { status: 'failed', detail: 'not attempted: Ballast is stopping' },
    ]);
  });
});

describe('effectsOf', () => {
  const never = (): Promise<Outcome> => new Promise(() => undefined);
  const hanging = (limitMs: number) =>
    effectsOf(
      new Map([
        [
          {
            name: 'site',
            controls: [],
            plan: () => ({ actions: [], held: [] }),
            describe: () => '',
            create: never as never,
          },
          { observe: () => undefined, restore: () => [], apply: never },
        ],
      ]),
      limitMs,
    );

  it('abandons a write that does not finish, and reports it', async () => {
    expect(await apply([action('site', 1)], hanging(20), signal)).toMatchObject([
      { status: 'failed', detail: 'its controller did not finish within 20 ms' },
    ]);
  });

  it('abandons it when Ballast is stopping', async () => {
    expect(await apply([action('site', 1)], hanging(1e6), AbortSignal.timeout(20))).toMatchObject([
      { status: 'failed', detail: 'aborted: Ballast is stopping' },
    ]);
  });
});

describe('dryRun', () => {
  it('returns an outcome for every action and does nothing', () => {
    expect(dryRun([action('ksm', 1)])).toEqual([{ action: action('ksm', 1), status: 'dry-run', detail: null }]);
  });
});
