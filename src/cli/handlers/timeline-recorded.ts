import type { Held } from '../../model/decision.ts';
import { openRecording } from '../../recording/reader.ts';
import type { RecordedInterval } from '../../recording/format.ts';
import { withoutNumbers } from '../../model/text.ts';
import { eventOf, heldEventOf, linesOf, type TimelineEvent, type TimelineLine } from '../../tooling/timeline/event.ts';
import { recordedRange } from '../support/recorded-range.ts';
import { filesOf } from '../support/recording-files.ts';
import type { Timeline, TimelineOptions } from './timeline-source.ts';

/** Names and UUIDs of guests that are remembered, for a message. */
const MOST_NAMES = 10_000;

/** What was written in the intervals of a recording. No policy is evaluated: these are the recorded outcomes. */
export async function recordedTimeline(
  { source, from, to, all }: Pick<TimelineOptions, 'source' | 'from' | 'to' | 'all'>,
  warn: (message: string) => void,
): Promise<Timeline> {
  const files = await filesOf(source, warn);
  const range = await recordedRange(files, from, to);
  const names = new Set<string>();
  const holds = all ? new BegunHolds() : null;
  return {
    names: () => names,
    lines: (async function* () {
      for (const file of files) yield* linesIn(file);
    })(),
  };

  async function* linesIn(file: string): AsyncGenerator<readonly TimelineLine[]> {
    const { intervals } = await openRecording(file, { onCutOff: warn });
    for await (const interval of intervals) {
      const { timeMs, guests } = interval.snapshot;
      for (const { name, uuid } of guests) if (names.size < MOST_NAMES) names.add(name).add(uuid);
      if (interval.context) continue;
      const events = eventsIn(interval, holds);
      if (events.length > 0 && timeMs >= range.fromMs && timeMs <= range.toMs) yield linesOf(events);
    }
  }
}

function eventsIn(
  { snapshot: { timeMs }, policy, relief }: RecordedInterval,
  holds: BegunHolds | null,
): readonly TimelineEvent[] {
  const time = new Date(timeMs).toISOString();
  const lines = [policy ?? [], relief ?? []].flat();
  const events = lines.flatMap(({ outcomes }) => outcomes).map((outcome) => eventOf(time, outcome));
  const begun = lines.flatMap(({ held }) => holds?.of(held, policy !== null) ?? []);
  return [...begun.map((held) => heldEventOf(time, held)), ...events.filter(({ kind }) => holds !== null || kind === 'write')]; // prettier-ignore
}

/** Reports a hold when it begins or its reason changes but for the figures: most come again in each evaluation. */
class BegunHolds {
  #before: ReadonlySet<string> = new Set();
  #now = new Set<string>();

  of(held: readonly Held[], isEvaluation: boolean): readonly Held[] {
    if (isEvaluation) {
      this.#before = this.#now;
      this.#now = new Set();
    }
    return held.filter((each) => {
      if (each.kind !== 'held') return false;
      const key = JSON.stringify([each.guest?.uuid, each.control, each.guard, withoutNumbers(each.why)]);
      const isNew = !this.#before.has(key) && !this.#now.has(key);
      this.#now.add(key);
      return isNew;
    });
  }
}
