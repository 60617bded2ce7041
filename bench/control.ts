import { builtinPlugins } from '../src/compose/plugins.ts';
import { guestsOf } from '../src/control/views/guests.ts';
import { decisionsOf, holdsOf } from '../src/control/views/history.ts';
import { whyOf } from '../src/control/views/why.ts';
import { Kept } from '../src/control/kept/kept.ts';
import { evaluate, loadPolicy } from '../src/policy/index.ts';
import { EMPTY_MEMORY } from '../src/model/memory.ts';
import type { IntervalReport } from '../src/model/interval-report.ts';
import { SmallWorld } from '../test/support/small-world.ts';
import { median, timed } from './measure.ts';

const POLICY =
  '(with Guests g (if (> (g.StatAvg "usable") 1MiB) (g.Control "balloon_target" (* 0.7 g.balloon_max) "bench") 0))';
/** An hour at an evaluation every ten seconds. */
const INTERVALS = 360;

/** What the sockets cost: noting each interval, and the answers, which are made once an interval at most. */
export function benchControl(): string[][] {
  return [10, 100, 1000].map((guests) => {
    const reports = reportsOf(guests);
    const { program } = loadPolicy([{ file: 'bench.policy', text: POLICY }], {
      vocabulary: builtinPlugins().vocabulary,
    });
    const kept = new Kept(
      () => 0,
      () => ({ program, params: null }),
    );
    const noted: number[] = [];
    for (let interval = 0; interval < INTERVALS; interval++) {
      const report = reports[interval % reports.length]!;
      const snapshot = { ...report.snapshot, timeMs: interval * 10_000 };
      noted.push(timed(() => kept.observe({ ...report, snapshot })));
    }
    const layout = reports[0]!.input!.guestLayout;
    const facts = { layout, floorKib: () => 0, paused: () => null };
    const list = () => Buffer.from(JSON.stringify(guestsOf(kept, facts)));
    const history = () => JSON.stringify([decisionsOf(kept, { limit: 1000 }), holdsOf(kept, { limit: 1000 })]);
    const why = () => {
      const question = { guest: 'g1' };
      const known = { vocabulary: builtinPlugins().vocabulary, evaluate: {}, nowMs: 1e13, stopped: null };
      return whyOf(kept, question, { ...known, paused: () => null, shadowOf: () => null, hasPolicy: true });
    };
    const often = (work: () => unknown) => median(Array.from({ length: 20 }, () => timed(work)));
    return [
      String(guests),
      `${median(noted.slice(20)).toFixed(2)} ms`,
      `${often(list).toFixed(1)} ms, ${Math.round(list().length / 1024)} KiB`,
      `${often(history).toFixed(1)} ms`,
      `${often(why).toFixed(1)} ms`,
    ];
  });
}

/** Intervals of a host that is short of memory. */
function reportsOf(guests: number): readonly IntervalReport[] {
  const GIB = 1_048_576;
  const world = new SmallWorld({
    totalKib: guests * GIB * 0.8,
    guests: Array.from({ length: guests }, (_, n) => ({
      name: `g${n}`,
      maxKib: GIB,
      usedKib: (0.2 + (n % 5) / 10) * GIB,
    })),
    policy: POLICY,
  });
  const { program } = loadPolicy([{ file: 'bench.policy', text: POLICY }], { vocabulary: builtinPlugins().vocabulary });
  return world.run(10).map(({ input, plan, conditions }) => ({
    snapshot: {
      timeMs: input.timeMs,
      host: input.host.samples.at(-1)!,
      guests: input.guests.map(({ name, uuid, props, samples }) => ({ name, uuid, props, sample: samples.at(-1)! })),
      problems: [],
    },
    input,
    judgement: { evaluated: true, decision: evaluate(program!, input, EMPTY_MEMORY).decision, plan },
    outcomes: plan.actions.map((action) => ({ action, status: 'done', detail: null })),
    conditions: () => conditions,
    memoryBefore: EMPTY_MEMORY,
    overrides: [],
    took: { collectMs: 0, decideMs: 0, applyMs: 0 },
  }));
}
