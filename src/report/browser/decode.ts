/** The lowest and the highest value in a bucket; null: unknown. */
export type Bucket = readonly [low: number, high: number] | null;

const HEIGHT = 1000;

/**
 * Reads the values of each bucket from a line or an area as svg-path.ts writes them.
 * @param top the value at the top of the chart
 */
export function bucketsOf(path: string, count: number, top: number): Bucket[] {
  const buckets = new Array<Bucket>(count).fill(null);
  let [at, y] = [0, 0];
  let values: number[] = [];
  for (const [, command, first, second] of path.matchAll(/([MvVh])(-?\d+)(?: (-?\d+))?/g)) {
    const number = Number(first);
    switch (command) {
      case 'M':
        at = number;
        y = Number(second);
        values = [y];
        break;
      case 'V':
        y = number;
        values = [y];
        break;
      case 'v':
        y += number;
        values.push(y);
        break;
      default:
        for (let step = 0; step < number; step++, at++) {
          buckets[at] = [valueOf(Math.max(...values), top), valueOf(Math.min(...values), top)];
          values = [y];
        }
        values = [];
    }
  }
  return buckets;
}

/** Reads which buckets have a bar. */
export function barsOf(path: string, count: number): boolean[] {
  const bars = new Array<boolean>(count).fill(false);
  for (const [, from, width] of path.matchAll(/M(\d+) 0h(\d+)/g))
    bars.fill(true, Number(from), Number(from) + Number(width));
  return bars;
}

function valueOf(y: number, top: number): number {
  return ((HEIGHT - y) / HEIGHT) * top;
}

const SIZES = ['KiB', 'MiB', 'GiB', 'TiB'];

/** A size in KiB with three digits: charts are not more precise. */
export function sizeText(kib: number): string {
  let [size, unit] = [kib, 0];
  while (Math.round(size) >= 1024 && unit < SIZES.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${size >= 100 ? Math.round(size) : Number(size.toPrecision(3))} ${SIZES[unit]}`;
}
