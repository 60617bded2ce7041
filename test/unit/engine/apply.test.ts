import { OperatorError } from '../../../src/support/operator-error.ts';
import { describe, expect, it, vi } from 'vitest';
import { apply, dryRun, effectsOf, OUT_OF_TIME, type WriteBounds } from '../../../src/engine/apply.ts';
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

describe('apply within bounds', () => {
  /** Writes that return when the test decides; those of the names in `hanging` never do by themselves. */
  function guests(hanging: readonly number[], concurrency = 4) {
    const started: number[] = [];
    const release = new Map<number, () => void>();
    const write = (each: Action): Promise<Outcome> => {
      const done: Outcome = { action: each, status: 'done', detail: null };
      started.push(each.to as number);
      if (!hanging.includes(each.to as number)) return Promise.resolve(done);
      return new Promise((resolve) => release.set(each.to as number, () => resolve(done)));
    };
    return { effects: new Map([['balloon', { concurrency, apply: write }]]), started, release };
  }
  const bounds = (more: Partial<WriteBounds> = {}): WriteBounds => ({
    timeMs: 60,
    hangMs: 60,
    patienceMs: 1,
    recheck: (each) => ({ action: each }),
    onLate: () => undefined,
    ...more,
  });
  const balloons = (count: number) => Array.from({ length: count }, (_, at) => action('balloon', at + 1));
  const statuses = (outcomes: readonly Outcome[]) => outcomes.map(({ status }) => status).join(' ');

  it('does not let writes that hang delay others, nor the end', async () => {
    const { effects, started } = guests([1, 2, 3, 4, 5]);
    const outcomes = await apply(balloons(8), effects, signal, bounds());
    expect(started).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(statuses(outcomes)).toBe('pending pending pending pending pending done done done');
    expect(outcomes[0]).toMatchObject({ detail: 'no answer within 60 ms' });
  });

  it('does not wait for hanging writes when all have begun', async () => {
    const { effects, release } = guests([1, 2]);
    const late: Outcome[] = [];
    const onLate = (outcome: Outcome) => late.push(outcome);
    const outcomes = await apply(balloons(3), effects, signal, bounds({ timeMs: 2_000_000_000, hangMs: 20, onLate }));
    expect(statuses(outcomes)).toBe('pending pending done');
    expect(outcomes[0]).toMatchObject({ detail: 'no answer within 20 ms' });
    release.get(1)!();
    await vi.waitFor(() => expect(late).toHaveLength(1), 30_000);
  });

  it('drops what cannot be started in time, and starts nothing later', async () => {
    const { effects, started, release } = guests([1, 2, 3, 4, 5, 6, 7, 8]);
    const late: Outcome[] = [];
    const onLate = (outcome: Outcome) => late.push(outcome);
    const outcomes = await apply(balloons(20), effects, signal, bounds({ onLate }));
    expect(outcomes.slice(8)).toEqual(
      balloons(20)
        .slice(8)
        .map((each) => ({ action: each, status: 'held', detail: OUT_OF_TIME })),
    );
    for (const finish of release.values()) finish();
    await new Promise((resolve) => setImmediate(resolve));
    expect(started).toHaveLength(8);
    expect(late.map(({ action: { to }, status }) => `${String(to)} ${status}`)).toContain('1 done');
    expect(late).toHaveLength(8);
  });

  it('keeps the order of a controller with a concurrency of 1', async () => {
    const { effects, started } = guests([1], 1);
    expect(statuses(await apply(balloons(3), effects, signal, bounds()))).toBe('pending held held');
    expect(started).toEqual([1]);
  });

  it('does not let one controller delay another', async () => {
    const ksm = guests([1], 1).effects.get('balloon')!;
    const { effects, started } = guests([]);
    const both = new Map([['ksm', ksm], ...effects]);
    const outcomes = await apply([action('ksm', 1), action('balloon', 2)], both, signal, bounds());
    expect(started).toEqual([2]);
    expect(statuses(outcomes)).toBe('pending done');
  });

  it('writes what the last look permits, and reports what it holds back', async () => {
    const { effects, started } = guests([]);
    const recheck = (each: Action) => (each.to === 2 ? { held: 'too late' } : { action: { ...each, to: 10 } });
    const outcomes = await apply(balloons(2), effects, signal, bounds({ recheck }));
    expect(started).toEqual([10]);
    expect(outcomes).toMatchObject([
      { status: 'done', action: { to: 10 } },
      { status: 'held', detail: 'too late', action: { to: 2 } },
    ]);
  });

  it('tells the last look whether other writes hang', async () => {
    const { effects } = guests([1, 2], 2);
    const seen: boolean[] = [];
    await apply(balloons(3), effects, signal, bounds({ recheck: (each, hang) => (seen.push(hang), { action: each }) }));
    expect(seen).toEqual([false, false, true]);
  });

  it('writes nothing whose last look ended after the time', async () => {
    const { effects, started } = guests([]);
    let look = (): void => undefined;
    const looked = new Promise<void>((resolve) => {
      look = resolve;
    });
    const recheck = (each: Action) => looked.then(() => ({ action: each }));
    expect(await apply(balloons(1), effects, signal, bounds({ recheck }))).toMatchObject([{ detail: OUT_OF_TIME }]);
    look();
    await new Promise((resolve) => setImmediate(resolve));
    expect(started).toEqual([]);
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

  it('abandons it when its time is over, and says so', async () => {
    const signal = AbortSignal.abort(new OperatorError('libvirt did not answer in time'));
    expect(await apply([action('site', 1)], hanging(1e6), signal)).toMatchObject([
      { status: 'failed', detail: 'not attempted: libvirt did not answer in time' },
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
