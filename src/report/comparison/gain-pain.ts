import { pairedRuns, type ComparedScenario, type Comparison } from '../../comparison/comparison.ts';
import { estimate, type Estimate } from '../../comparison/estimate.ts';
import { size } from '../figures.ts';
import { html, type Html } from '../html.ts';
import { NO_WAITING, outcomesOf } from './outcome.ts';
import { spotShape } from './spot-shape.ts';

/** A policy in a plot: what it gained, to the right, and what guests suffered, upwards. */
interface Spot {
  readonly policy: string;
  /** Of the policy, for its colour and shape. */
  readonly index: number;
  /** How much less memory of the host guests took than with the baseline, KiB. */
  readonly gain: Estimate;
  /** Share of the running time in which guests waited. */
  readonly pain: Estimate;
  /** Programs and guests that OOM killers ended, on average over the seeds. */
  readonly killed: number;
}

/** The plot of one scenario. */
export interface GainPain {
  readonly scenario: string;
  readonly spots: readonly Spot[];
  /** How much less memory than with the baseline could be taken at best, KiB; null: unknown. */
  readonly bound: number | null;
}

export const WIDTH = 340;
export const HEIGHT = 236;
const [LEFT, RIGHT, TOP, BOTTOM] = [52, 14, 14, 24];
/** Pixels of the row for policies with which guests do not wait. */
const ZERO = 40;
const TICKS = 4;
/** A memory axis is at least so long, KiB: small differences must not look large. */
const LEAST_SPAN = 256 * 1024;

export function gainPainOf(comparison: Comparison, scenario: ComparedScenario): GainPain {
  const spots = outcomesOf(comparison, scenario).flatMap(({ policy, isBaseline, waiting, killed }): Spot[] => {
    const pairs = pairedRuns(comparison, scenario.name, policy);
    const gains = pairs.map(([before, after]) => before.measured.gain.usedKib - after.measured.gain.usedKib);
    const gain = isBaseline ? estimate([0]) : estimate(gains);
    if (waiting.own === null || gain === null) return [];
    const index = comparison.policies.indexOf(policy);
    return [{ policy, index, gain, pain: waiting.own, killed: killed.own?.mean ?? 0 }];
  });
  const held = estimate(
    comparison.runs
      .filter((run) => run.scenario === scenario.name && run.policy === comparison.policies[0])
      .map(({ measured }) => measured.gain.usedKib),
  );
  const { bound } = scenario;
  return {
    ...{ scenario: scenario.name, spots },
    bound: bound === null || held === null ? null : held.mean - bound.meanKib,
  };
}

/** The decades of the pain axis of all plots, so that they can be compared: from {@link NO_WAITING} up. */
export function decadesOf(plots: readonly GainPain[]): readonly number[] {
  const most = plots.flatMap(({ spots }) => spots).reduce((top, { pain }) => Math.max(top, pain.most), 1e-4);
  const count = Math.min(6, Math.ceil(Math.log10(most / NO_WAITING) - 1e-9) + 1);
  return Array.from({ length: count }, (_, at) => Number((NO_WAITING * 10 ** at).toPrecision(1)));
}

/** What a spot shows, in words. */
export function spotText({ policy, gain, pain, killed }: Spot, baseline: string): string {
  const isBaseline = policy === baseline;
  const range = ({ least, most }: Estimate, text: (value: number) => string): string =>
    text(least) === text(most) ? '' : ` (${text(least)} to ${text(most)})`;
  const memory =
    Math.abs(gain.mean) < 1024
      ? `as much memory as with ${baseline}`
      : `${size(Math.abs(gain.mean))} ${gain.mean > 0 ? 'less' : 'more'} memory than with ${baseline}`;
  return [
    `${policy}: guests wait ${waitingText(pain.mean)}${range(pain, waitingText)} of their running time`,
    ...(isBaseline ? [] : [`${memory}${range(gain, signedSize)}`]),
    ...(killed > 0 ? [`${killedText(killed)} killed by OOM killers`] : []),
  ].join('; ');
}

/** A plot without its title, as the content of an SVG element with the size of {@link WIDTH} and {@link HEIGHT}. */
export function plotContent({ spots, bound }: GainPain, decades: readonly number[], baseline: string): Html {
  const scale = memoryScale([
    ...spots.flatMap(({ gain }) => [gain.least, gain.most]),
    ...(bound === null ? [] : [bound]),
  ]);
  const bottom = HEIGHT - BOTTOM;
  const top = bottom - ZERO;
  const perDecade = (top - TOP) / Math.max(1, decades.length - 1);
  const yOf = (pain: number, row: number): number =>
    pain < NO_WAITING ? row : top - Math.min(decades.length - 1, Math.log10(pain / NO_WAITING)) * perDecade;
  // Policies without waiting have a row each, or they would hide each other.
  const rowOf = (index: number): number => top + 7 + ((index % 6) * (ZERO - 14)) / 5;
  const places = spots.map((spot) => ({
    spot,
    x: scale.x(spot.gain.mean),
    y: yOf(spot.pain.mean, rowOf(spot.index)),
  }));
  return html`<rect class="zero" x="${LEFT}" y="${top}" width="${WIDTH - LEFT - RIGHT}" height="${ZERO}" />
    ${decades.map(
      (decade, at) =>
        html`<line
            x1="${LEFT}"
            x2="${WIDTH - RIGHT}"
            y1="${px(top - at * perDecade)}"
            y2="${px(top - at * perDecade)}"
          />
          <text x="${LEFT - 5}" y="${px(top - at * perDecade + 4)}" class="y">${percentText(decade)}</text>`,
    )}
    <text x="${LEFT - 5}" y="${top + ZERO / 2 + 4}" class="y">none</text>
    ${scale.ticks.map(
      (tick) =>
        html`<line x1="${px(scale.x(tick))}" x2="${px(scale.x(tick))}" y1="${TOP}" y2="${bottom}" />
          ${scale.x(tick) > WIDTH - 26 ? null : html`<text x="${px(scale.x(tick))}" y="${bottom + 15}" class="x">${signedSize(tick)}</text>`}`,
    )}
    ${
      bound === null
        ? null
        : html`<line class="bound" x1="${px(scale.x(bound))}" x2="${px(scale.x(bound))}" y1="${TOP}" y2="${bottom}" />
            <text class="bound" x="${px(scale.x(bound) - 4)}" y="${TOP + 8}">bound</text>`
    }
    ${places.map(({ spot, x, y }) => {
      const { gain, pain, index } = spot;
      const ofPain = (share: number) => px(yOf(share, rowOf(index)));
      return html`<g class="spot p${index % 6}">
        <title>${spotText(spot, baseline)}</title>
        <path
          class="spread"
          d="M${px(scale.x(gain.least))} ${px(y)}H${px(scale.x(gain.most))}M${px(x)} ${ofPain(pain.least)}V${ofPain(pain.most)}"
        />
        <path class="shape" d="${spotShape(index, x, y)}" />
      </g>`;
    })}
    ${killedLabels(places)}`;
}

interface Place {
  readonly spot: Spot;
  readonly x: number;
  readonly y: number;
}

/** Beside each spot where something was killed, or above that if another label is there. */
function killedLabels(places: readonly Place[]): readonly Html[] {
  const labels: { readonly x: number; y: number; readonly text: string; readonly index: number }[] = [];
  for (const { spot, x, y } of places) {
    if (spot.killed === 0) continue;
    const text = `✕ ${killedText(spot.killed)}`;
    const label = { x: x > WIDTH - 60 ? x - 40 : x + 9, y: y - 5, text, index: spot.index };
    const isTaken = () => labels.some((other) => Math.abs(other.x - label.x) < 34 && Math.abs(other.y - label.y) < 11);
    while (isTaken() && label.y > TOP) label.y -= 11;
    labels.push(label);
  }
  return labels.map(
    ({ x, y, text, index }) => html`<text class="killed p${index % 6}" x="${px(x)}" y="${px(y)}">${text}</text>`,
  );
}

/** What a plot shows, for people who do not see it. */
export function plotLabel({ scenario, spots, bound }: GainPain, baseline: string): string {
  const texts = [
    ...spots.map((spot) => spotText(spot, baseline)),
    ...(bound === null ? [] : [`at best: ${size(Math.abs(bound))} ${bound < 0 ? 'more' : 'less'} memory`]),
  ];
  return `Gain and pain in ${scenario}. ${texts.join('. ')}`;
}

function memoryScale(values: readonly number[]) {
  const [least, most] = [Math.min(0, ...values), Math.max(0, ...values)];
  const span = Math.max(LEAST_SPAN, most - least);
  const step = 2 ** Math.ceil(Math.log2(span / TICKS));
  // Room for shapes that are on the edge.
  const [from, to] = [least - span * 0.08, Math.max(most, least + span) + span * 0.08];
  const x = (kib: number): number => LEFT + ((kib - from) / (to - from)) * (WIDTH - LEFT - RIGHT);
  const first = Math.ceil(from / step);
  const ticks = Array.from({ length: Math.floor(to / step) - first + 1 }, (_, at) => (first + at) * step);
  return { x, ticks };
}

export function waitingText(share: number): string {
  return share === 0 ? '0 %' : share < NO_WAITING ? 'under 0.001 %' : percentText(share);
}

export function killedText(killed: number): string {
  return String(Math.round(killed * 10) / 10);
}

function percentText(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}

function signedSize(kib: number): string {
  return kib === 0 ? '0' : `${kib < 0 ? '\u2212' : '+'}${size(Math.abs(kib))}`;
}

function px(value: number): number {
  return Math.round(value * 10) / 10;
}
