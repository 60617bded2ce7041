// Percentiles of many numbers in little memory. A bin covers numbers within a ratio of 1.04 of each other, so that a percentile is
// within 2 % of a number that was counted, as in DDSketch (Masson and others, VLDB 2019). Not a library: the smallest sketch of
// @datadog/sketches-js takes 2 KiB, a histogram of an hour here 200 bytes, and its only form for a file is Protocol Buffers.

const ERROR = 0.02;
const RATIO = (1 + ERROR) / (1 - ERROR);
const LOG_RATIO = Math.log(RATIO);
/** Smaller numbers count as 0. */
const SMALLEST = 1e-6;
/** The bin of 1e20 and of all larger numbers. */
const LAST_BIN = 1500;
/** Makes bins of negative numbers positive. */
const SHIFT = 2048;
const COUNTS = 1 << 16;

/** Bins of one histogram: more are merged, those with the fewest numbers first. */
export const MOST_BINS = 40;

/** The bins that have numbers, ascending: the bin and its count in one small integer, which JavaScript stores in eight bytes. */
export type Bins = readonly number[];

/** A histogram that still grows: the count of each bin. */
export type OpenBins = Map<number, number>;

export function countIn(bins: OpenBins, value: number): void {
  const bin = binOf(value);
  bins.set(bin, Math.min((bins.get(bin) ?? 0) + 1, COUNTS - 1));
}

/** The compact form of a histogram. */
export function compacted(bins: OpenBins): Bins {
  const all = [...bins].sort(([a], [b]) => a - b);
  while (all.length > MOST_BINS) mergeSmallest(all);
  return all.map(([bin, count]) => (bin + SHIFT) * COUNTS + count);
}

/** The histogram that a compact form is of. */
export function expanded(bins: Bins): OpenBins {
  return new Map(bins.map((each) => [binIn(each), countOf(each)]));
}

/** How many numbers there are in histograms. */
export function numbersIn(all: readonly Bins[]): number {
  let sum = 0;
  for (const bins of all) for (const each of bins) sum += countOf(each);
  return sum;
}

/** The smallest number that at least a share of all numbers does not exceed; null: there is no number. @param share 0 to 1 */
export function percentileOf(all: readonly Bins[], share: number): number | null {
  const total = numbersIn(all);
  if (total === 0) return null;
  let [first, last] = [LAST_BIN, -LAST_BIN];
  for (const bins of all) {
    if (bins.length === 0) continue;
    first = Math.min(first, binIn(bins[0]!));
    last = Math.max(last, binIn(bins[bins.length - 1]!));
  }
  const counts = new Float64Array(last - first + 1);
  for (const bins of all) for (const each of bins) counts[binIn(each) - first]! += countOf(each);
  let rest = Math.max(1, Math.ceil(share * total));
  let bin = first;
  for (; bin < last; bin += 1) {
    rest -= counts[bin - first]!;
    if (rest <= 0) break;
  }
  return numberOf(bin);
}

/** Histograms as one text of a file; null: none. {@link parseBins} reads it. */
export function binsText(all: readonly (Bins | null)[]): string {
  const bytes: number[] = [];
  for (const bins of all) {
    pushNumber(bytes, bins?.length ?? 0);
    let last = 0;
    for (const each of bins ?? []) {
      const bin = binIn(each) + SHIFT;
      pushNumber(bytes, bin - last);
      pushNumber(bytes, countOf(each));
      last = bin;
    }
  }
  return Buffer.from(bytes).toString('base64');
}

/** The histograms of a text; null: it is not of {@link binsText}. One without numbers is null too. */
export function parseBins(text: string): readonly (Bins | null)[] | null {
  const numbers = numbersFrom(Buffer.from(text, 'base64'));
  if (numbers === null) return null;
  const all: (Bins | null)[] = [];
  for (let at = 0; at < numbers.length;) {
    const length = numbers[at]!;
    const bins = length > MOST_BINS ? null : binsFrom(numbers.slice(at + 1, at + 1 + 2 * length));
    if (bins?.length !== length) return null;
    all.push(length === 0 ? null : bins);
    at += 1 + 2 * length;
  }
  return all;
}

/** null: the bins do not ascend, or a number is out of range. @param numbers by turns the distance from the bin before and a count */
function binsFrom(numbers: readonly number[]): Bins | null {
  const bins: number[] = [];
  let bin = 0;
  for (let at = 0; at + 1 < numbers.length; at += 2) {
    const [step, count] = [numbers[at]!, numbers[at + 1]!];
    bin += step;
    if (step < 1 || bin < SHIFT - LAST_BIN || bin > SHIFT + LAST_BIN || count < 1 || count >= COUNTS) return null;
    bins.push(bin * COUNTS + count);
  }
  return bins;
}

function binOf(value: number): number {
  const size = Math.abs(value);
  if (!(size >= SMALLEST)) return 0;
  const bin = Math.min(LAST_BIN, Math.max(1, Math.ceil(Math.log(size / SMALLEST) / LOG_RATIO)));
  return value < 0 ? -bin : bin;
}

/** The number in the middle of a bin. */
function numberOf(bin: number): number {
  if (bin === 0) return 0;
  const size = (SMALLEST * 2 * RATIO ** Math.abs(bin)) / (RATIO + 1);
  return bin < 0 ? -size : size;
}

function binIn(each: number): number {
  return (each >> 16) - SHIFT;
}

function countOf(each: number): number {
  return each & (COUNTS - 1);
}

/** Merges the two neighbours that have the fewest numbers together into the bin of the one that has more. */
function mergeSmallest(all: [bin: number, count: number][]): void {
  let at = 0;
  for (let next = 1; next + 1 < all.length; next += 1)
    if (all[next]![1] + all[next + 1]![1] < all[at]![1] + all[at + 1]![1]) at = next;
  const [[low, few], [high, many]] = [all[at]!, all[at + 1]!];
  all.splice(at, 2, [few > many ? low : high, Math.min(few + many, COUNTS - 1)]);
}

/** Seven bits in each byte, the lowest first; all but the last byte have the eighth bit. */
function pushNumber(bytes: number[], number: number): void {
  let rest = number;
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128);
  bytes.push(rest);
}

function numbersFrom(bytes: Uint8Array): readonly number[] | null {
  const numbers: number[] = [];
  let [number, shift] = [0, 0];
  for (const byte of bytes) {
    number |= (byte & 127) << shift;
    shift += 7;
    if (byte < 128) {
      numbers.push(number);
      [number, shift] = [0, 0];
    } else if (shift > 14) return null;
  }
  return shift === 0 ? numbers : null;
}
