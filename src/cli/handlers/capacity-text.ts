import {
  capacityOf,
  carried,
  type BrokenLimit,
  type CapacitySearch,
  type SeedSearch,
} from '../../comparison/capacity.ts';
import { escapeControls } from '../../model/text.ts';
import { measureText } from '../../report/measure-text.ts';
import { count, percent } from '../support/units.ts';
import { seedsText } from './simulate-text.ts';

/** What was found, in sentences; the last line says how many guests more or fewer there should be. */
export function capacityText(search: CapacitySearch): string {
  const { scenario, policy, limits, seeds, isFinished } = search;
  const title = `${escapeControls(scenario.name)}, ${escapeControls(policy)}`;
  const known = seeds.filter(({ asked }) => asked.size > 0);
  if (known.length === 0) return `${title}: stopped before anything was known\n`;
  const lines = [
    `${title}: within ${limits.map(({ text }) => text).join(', ')}; seeds: ${seedsText(known.map(({ seed }) => seed))}`,
    ...carriedLines(known),
    ...boundLines(known),
    ...stopsLines(known),
    ...notMonotone(known),
  ];
  if (!isFinished) lines.push('stopped: it may be more, and more seeds may carry less');
  return `${lines.join('\n')}\n${lastLine(scenario.guests.length, leastOf(known))}\n`;
}

const guestsOf = (seeds: readonly SeedSearch[]): number[] => seeds.map(({ asked }) => carried(asked).guests);

const leastOf = (seeds: readonly SeedSearch[]): number => Math.min(...guestsOf(seeds));

const decimal = (value: number): string => String(Math.round(value * 10) / 10);

function carriedLines(seeds: readonly SeedSearch[]): readonly string[] {
  const { least, median, most, mean, interval, coveredShare } = capacityOf(guestsOf(seeds));
  if (seeds.length === 1) return [`carries ${count(least, 'guest')}; other seeds may carry fewer: use --seeds 20`];
  const range = interval === null ? '' : `, 95 % confidence interval ${interval.map(decimal).join(' to ')}`;
  return [
    `carries ${count(least, 'guest')} with every seed: with 95 % confidence, in at least ${percent(coveredShare)} of such days`,
    `half of the seeds carry ${median} or more, the best ${most}; on average ${decimal(mean)}${range}`,
  ];
}

function boundLines(seeds: readonly SeedSearch[]): readonly string[] {
  const pairs = seeds.flatMap(({ asked, bound }) => (bound === null ? [] : [{ bound, own: carried(asked).guests }]));
  if (pairs.length === 0) return [];
  const least = Math.min(...pairs.map(({ bound }) => bound));
  if (least === 0) return ['at best not even one guest fits'];
  const total = (of: (pair: (typeof pairs)[number]) => number): number =>
    pairs.reduce((sum, pair) => sum + of(pair), 0);
  const share = total(({ own }) => own) / total(({ bound }) => bound);
  return [`at best ${count(least, 'guest')} would fit with nobody waiting: this is ${percent(share)} of it`];
}

/** Why the seed that carries least carries no more. */
function stopsLines(seeds: readonly SeedSearch[]): readonly string[] {
  const [worst] = seeds.toSorted((a, b) => carried(a.asked).guests - carried(b.asked).guests);
  const { fails } = carried(worst!.asked);
  if (fails === null) return ['nothing stopped it: it may be more'];
  const reasons = (worst!.broken.get(fails) ?? []).map(brokenText);
  return [`what stops it at ${fails} (seed ${worst!.seed}): ${reasons.join('; ')}`];
}

function brokenText({ limit, value, most }: BrokenLimit): string {
  const [measure] = limit.measures;
  const title = limit.measures.map((each) => each.title).join(' and ');
  const sign = limit.sign === '<=' ? '>' : '<';
  return `${TITLES[measure!.key] ?? title}: ${measureText(measure!, value)} ${sign} ${measureText(measure!, most)}`;
}

/** Titles that make sense without the row above them. */
const TITLES: Readonly<Record<string, string>> = { 'stall-share': 'guests waited for memory, of their running time' };

function notMonotone(seeds: readonly SeedSearch[]): readonly string[] {
  return seeds.flatMap(({ seed, asked }) => {
    const { fails, keptAbove } = carried(asked);
    if (keptAbove.length === 0) return [];
    return [`seed ${seed} is not clear: ${fails} guests break a limit, ${keptAbove.join(' and ')} do not`];
  });
}

function lastLine(now: number, carries: number): string {
  if (carries === now) return `would fit no more guests than the ${now} of now`;
  if (carries > now) return `would fit ${count(carries - now, 'more guest')}: ${carries} instead of ${now}`;
  return `would have to lose ${count(now - carries, 'guest')}: ${carries} instead of ${now}`;
}

/** One JSON object a line, for each search. */
export function capacityJson(searches: readonly CapacitySearch[]): string {
  return searches.map((search) => `${JSON.stringify(jsonOf(search))}\n`).join('');
}

function jsonOf({ scenario, policy, limits, seeds, isFinished }: CapacitySearch): unknown {
  const known = seeds.filter(({ asked }) => asked.size > 0);
  const capacity = known.length === 0 ? null : capacityOf(guestsOf(known));
  return {
    ...{ scenario: scenario.name, policy, finished: isFinished, limits: limits.map(({ text }) => text) },
    now: scenario.guests.length,
    more: capacity === null ? null : capacity.least - scenario.guests.length,
    capacity,
    seeds: known.map(({ seed, asked, broken, bound }) => {
      const { guests, fails, keptAbove } = carried(asked);
      const stops = (fails === null ? [] : broken.get(fails)!).map(({ limit, value }) => ({
        limit: limit.text,
        value,
      }));
      return { seed, guests, fails, keptAbove, stops, bound, asked: Object.fromEntries(asked) };
    }),
  };
}
