import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keptSnapshots } from '../../../src/model/history-need.ts';
import { Decider } from '../../../src/engine/decider.ts';
import { replay } from '../../../src/engine/replay.ts';
import type { Labeller } from '../../../src/model/labels.ts';
import { EMPTY_MEMORY, type PolicyMemory } from '../../../src/model/memory.ts';
import { loadPolicy } from '../../../src/policy/index.ts';
import type { RecordedInterval } from '../../../src/recording/format.ts';
import { openRecording } from '../../../src/recording/reader.ts';
import { RecordingWriter } from '../../../src/recording/writer.ts';
import { guestSnapshot, header, interval, LAYOUTS, snapshot, uuidOf } from '../../support/builders.ts';
import { settingsWith } from '../../support/planning.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-replay-'));
});
afterEach(() => rm(folder, { recursive: true }));

const AVERAGE = '(with Guests g (g.Control "balloon_target" (g.StatAvg "balloon_cur")))';

interface Changes {
  readonly rotateMs?: number;
  readonly policyIntervalMs?: number | null;
  readonly memory?: PolicyMemory;
}

async function recorded(
  intervals: readonly RecordedInterval[],
  { rotateMs = 1e12, policyIntervalMs = null, memory = EMPTY_MEMORY }: Changes = {},
) {
  const path = join(folder, 'r.jsonl');
  const { started: _started, memory: _memory, ...rest } = header({ policy_interval_ms: policyIntervalMs });
  const writer = new RecordingWriter(
    { path, rotateBytes: 1e12, rotateMs, keep: 9, keepMs: 1e12, keepBytes: 1e12, header: rest },
    () => undefined,
  );
  for (const each of intervals) await writer.write(each, memory);
  await writer.close();
  return path;
}

/** The requests of each evaluation, by the time of the recording. */
async function requestsOf(
  path: string,
  policy: string,
  policyIntervalMs: number | null = null,
  labels: Labeller = (_, own) => own,
) {
  const { program } = loadPolicy([{ file: 'p', text: policy }]);
  const recording = await openRecording(path, {
    onCutOff: (message) => {
      throw new Error(message);
    },
  });
  const found: [number, unknown[]][] = [];
  for await (const { snapshot, judgement } of replay(recording, {
    program: program!,
    planners: { guards: [], controllers: [] },
    settings: settingsWith(),
    evaluate: {},
    labels,
    policyIntervalMs,
  })) {
    if (judgement !== null) found.push([snapshot.timeMs, judgement.decision.requests.map(({ value }) => value)]);
  }
  return found;
}

const every5s = (count: number) =>
  Array.from({ length: count }, (_, n) => interval(n * 5000, [guestSnapshot(1, [10 * (n + 1), 99])]));
const withPolicy = (each: RecordedInterval): RecordedInterval => ({
  ...each,
  policy: { requests: [], errors: [], held: [], outcomes: [] },
});

describe('replay', () => {
  it('adds labels to the recorded ones', async () => {
    const labelled = (number: number, labels: string) => ({
      ...guestSnapshot(number, [1, 2]),
      props: { ...guestSnapshot(number, [1, 2]).props, labels },
    });
    const path = await recorded([interval(0, [labelled(1, 'db'), labelled(2, '')])]);
    const policy = '(with Guests g (g.Control "labels" (g.Prop "labels")))';
    expect(await requestsOf(path, policy)).toEqual([[0, ['db', '']]]);
    expect(await requestsOf(path, policy, null, (name, own) => `${own}+${name}`)).toEqual([
      [0, ['db+guest-1', '+guest-2']],
    ]);
  });

  it('evaluates every 10 s when the recording was made without a policy', async () => {
    expect(await requestsOf(await recorded(every5s(5)), AVERAGE)).toEqual([
      [0, [10]],
      [10_000, [20]],
      [20_000, [40]],
    ]);
  });

  it('evaluates at the moments of the recorded evaluations', async () => {
    const intervals = every5s(5).map((each, n) => (n === 1 || n === 4 ? withPolicy(each) : each));
    const path = await recorded(intervals, { policyIntervalMs: 15_000 });
    expect((await requestsOf(path, AVERAGE)).map(([time]) => time)).toEqual([5000, 20_000]);
    expect((await requestsOf(path, AVERAGE, 20_000)).map(([time]) => time)).toEqual([0, 20_000]);
  });

  it('has correct averages from the first decision of a later file of the same run', async () => {
    const path = await recorded(every5s(9), { rotateMs: 40_000 });
    expect(await requestsOf(path, AVERAGE)).toEqual([[40_000, [80]]]);
  });

  it('starts with the variables that the policy had at the start of the file', async () => {
    const memory: PolicyMemory = {
      ...EMPTY_MEMORY,
      host: new Map([['n', 7]]),
      guests: new Map([[uuidOf(1), new Map([['m', [1, 'x']]])]]),
    };
    const path = await recorded(every5s(1), { memory });
    expect(
      await requestsOf(
        path,
        '(with Guests g (g.Control "balloon_target" (+ (g.GetVar "m") (with Guests h (Host.GetVar "n")))))',
      ),
    ).toEqual([[0, [[1, 'x', 7]]]]);
  });

  it("makes the daemon's decisions in every file of a run, whichever guests appear and vanish", async () => {
    const policy = `(with Guests g {
      (g.SetVar "seen" (+ 1 (if (null (g.GetVar "seen")) 0 (g.GetVar "seen"))))
      (g.Control "balloon_target" (+ (* 1000 (g.GetVar "seen")) (+ (g.StatAvg "balloon_cur") (+ (g.StatMin "balloon_cur" :over 20s) (Host.StatAvg "mem_free")))))
    })
    (Host.SetVar "big" (if (null (Host.GetVar "big")) 1e300 (* 1e10 (Host.GetVar "big"))))
    (Host.Control "ksm_run" (if (> (Host.GetVar "big") 1e308) 1 0))`;
    const oneGuest = fc.record({ there: fc.integer({ min: 0, max: 2 }), id: fc.integer({ min: 1, max: 12 }) });
    const oneInterval = fc.record({
      host: fc.integer({ min: 0, max: 5 }),
      guests: fc.array(oneGuest, { minLength: 3, maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(oneInterval, { minLength: 10, maxLength: 30 }),
        fc.integer({ min: 1, max: 4 }),
        async (plan, history) => {
          const own = await mkdtemp(join(folder, 'run-'));
          const { program } = loadPolicy([{ file: 'p', text: policy }]);
          const kept = keptSnapshots(program!.historyNeed, history, 5000);
          const given = header({ collect_interval_ms: 5000, policy_interval_ms: 5000, history, kept });
          const { started: _started, memory: _memory, ...rest } = given;
          const writer = new RecordingWriter(
            {
              path: join(own, 'r.jsonl'),
              rotateBytes: 1e12,
              rotateMs: 30_000,
              keep: 99,
              keepMs: 1e12,
              keepBytes: 1e12,
              header: rest,
            },
            () => undefined,
          );
          const decider = new Decider(program, {
            historyLength: history,
            keptSnapshots: kept,
            hostLayout: LAYOUTS.host,
            guestLayout: LAYOUTS.guest,
            hostProps: {},
            planners: { guards: [], controllers: [] },
            settings: settingsWith(),
            evaluate: {},
          });
          const decided: [number, unknown[]][] = [];
          for (const [n, { host, guests }] of plan.entries()) {
            const present = guests.flatMap(({ there, id }, number) =>
              there === 0 ? [] : [guestSnapshot(number, [n, 99], Math.ceil(id / 11))],
            );
            const before = decider.memory;
            const seen = snapshot(n * 5000, present, host === 0 ? null : [1000, n]);
            const input = decider.observe(seen);
            const decision = input === null ? null : decider.judge(input).decision;
            expect(decision?.errors ?? []).toEqual([]);
            if (decision !== null) decided.push([n * 5000, decision.requests.map(({ value }) => value)]);
            await writer.write(
              { snapshot: seen, context: false, policy: decision && { ...decision, held: [], outcomes: [] } },
              before,
            );
          }
          await writer.close();
          const replayed = await Promise.all((await readdir(own)).map((name) => requestsOf(join(own, name), policy)));
          expect(replayed.flat().sort(([a], [b]) => a - b)).toEqual(decided);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('replays 10,000 guests', async () => {
    const guests = Array.from({ length: 10_000 }, (_, n) => guestSnapshot(n, [n, 20_000]));
    const found = await requestsOf(await recorded([0, 10_000, 20_000].map((t) => interval(t, guests))), AVERAGE);
    expect(found.map(([time, values]) => [time, values.length])).toEqual([
      [0, 10_000],
      [10_000, 10_000],
      [20_000, 10_000],
    ]);
    expect(found[2]![1].slice(-1)).toEqual([9999]);
  });
});
