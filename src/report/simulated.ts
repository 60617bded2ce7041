import type { Buckets } from '../analysis/grid.ts';
import type { GuestSeries, Measured } from '../comparison/comparison.ts';
import { MEASURES, type Measure } from '../comparison/measures.ts';
import type { SimulatedGuest } from './charts/guest.ts';
import { html, type Html } from './html.ts';
import { measureText } from './measure-text.ts';
import { tableOf } from './tables.ts';

/** What the page of one simulation shows besides its recording. */
export interface SimulatedPart {
  readonly scenario: string;
  readonly story: string;
  readonly policy: string;
  readonly seed: number;
  /** When it begins, milliseconds since the epoch. */
  readonly startMs: number;
  /** With the series of each guest. */
  readonly measured: Measured;
}

/** What the page has beside the style of all reports. */
export const SIMULATED_STYLE = `
path.demand{stroke:var(--fg);stroke-width:1.2;stroke-dasharray:7 2 1.5 2}
.legend i.demand{height:0;background:none;border-top:3px dashed var(--fg);vertical-align:middle}
.figures{max-width:34em}
`.trim();

export function simulatedHead({ story, policy, seed }: SimulatedPart): Html {
  return html`<p>${story}</p>
    <p>Simulated with the policy <strong>${policy}</strong>, seed ${seed}.</p>`;
}

export function painAndGain({ measured }: SimulatedPart): Html {
  const valueOf = (measure: Measure): string => {
    const value = measure.of(measured);
    return value === null ? '-' : measureText(measure, value);
  };
  return html`<section id="pain-and-gain">
    <h2>Pain and gain</h2>
    <div class="figures">
      ${tableOf<Measure>(
        'Pain and gain, as a table',
        [
          { title: 'figure', isNumber: false, cell: ({ title }) => title },
          { title: 'value', isNumber: true, cell: valueOf },
        ],
        MEASURES,
      )}
    </div>
  </section>`;
}

/** How long each guest waited, by name, seconds. */
export function waitedSOf({ measured }: SimulatedPart): (name: string) => number {
  const waited = new Map(measured.guests.map(({ name, stallS }) => [name, stallS]));
  return (name) => waited.get(name) ?? 0;
}

/** What is known of a guest in the buckets of its chart; null: nothing. */
export function simulatedGuest(part: SimulatedPart, name: string, buckets: Buckets): SimulatedGuest | null {
  const series = part.measured.guestSeries.find((each) => each.name === name);
  if (series === undefined) return null;
  const { demand, waiting } = inBuckets(series, part, buckets);
  return { demand: { lows: demand, highs: demand }, waiting, waitedS: waitedSOf(part)(name) };
}

/** A step of the simulation counts in each bucket that it covers; several in one bucket: their mean. */
function inBuckets(
  { demandKib, stallS }: GuestSeries,
  { startMs, measured }: SimulatedPart,
  { fromMs, widthMs, count }: Buckets,
) {
  const stepMs = measured.series.stepS * 1000;
  const meanIn = (at: number, of: (step: number) => number | null): number | null => {
    const first = Math.max(0, Math.floor((fromMs + at * widthMs - startMs) / stepMs));
    const last = Math.max(first, Math.ceil((fromMs + (at + 1) * widthMs - startMs) / stepMs) - 1);
    const values = Array.from({ length: last - first + 1 }, (_, step) => of(first + step)).filter(
      (value) => value !== null,
    );
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const each = (of: (step: number) => number | null) => Array.from({ length: count }, (_, at) => meanIn(at, of));
  const demandOf = (step: number): number | null => demandKib[step] ?? null;
  return {
    demand: each(demandOf),
    waiting: each((step) => (demandOf(step) === null ? null : (stallS[step]! / measured.series.stepS) * 100)),
  };
}
