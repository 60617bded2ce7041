import type { Range } from '../analysis/columns.ts';

// The paths of the charts are also their data: the page's script (browser/decode.ts) reads the values of each bucket from them, so that
// a page has every figure once. A bucket is one unit wide. In it, a line goes from the lower to the higher value, or the other way.

/** Units of a chart's height: the precision of the figures that the script shows. */
export const HEIGHT = 1000;

/** The line of a range: one step for each bucket, as high as its values differ. Where they are unknown, the line has a gap. */
export function rangePath({ lows, highs }: Range, top: number): string {
  const path = new Path();
  for (let at = 0; at < lows.length; at++) {
    const [low, high] = [lows[at] ?? null, highs[at] ?? null];
    if (low === null || high === null) path.skip();
    else path.bucket(unitOf(low, top), unitOf(high, top));
  }
  return path.finish();
}

/** The area below a line of values; null: a gap. */
export function areaPath(values: readonly (number | null)[], top: number): string {
  let text = '';
  let last: number | null = null;
  let run = 0;
  const end = () => {
    if (last !== null) text += `h${run}V${HEIGHT}z`;
    last = null;
    run = 0;
  };
  values.forEach((value, at) => {
    if (value === null) return end();
    const y = unitOf(value, top);
    if (last === null) text += `M${at} ${HEIGHT}V${y}`;
    else if (y !== last) text += `h${run}v${y - last}`;
    run = last === y ? run + 1 : 1;
    last = y;
  });
  end();
  return text;
}

/** Bars of full height over the buckets that are marked. */
export function barsPath(marked: readonly boolean[]): string {
  let text = '';
  for (let at = 0; at < marked.length; at++) {
    if (!marked[at] || marked[at - 1]) continue;
    const next = marked.indexOf(false, at);
    text += `M${at} 0h${(next < 0 ? marked.length : next) - at}v1H${at}z`;
  }
  return text;
}

/** From the top, as SVG counts. */
function unitOf(value: number, top: number): number {
  return HEIGHT - Math.round((Math.min(Math.max(value, 0), top) / top) * HEIGHT);
}

class Path {
  #text = '';
  #at = 0;
  #y: number | null = null;
  #run = 0;

  skip(): void {
    this.#end();
    this.#y = null;
    this.#at += 1;
  }

  bucket(low: number, high: number): void {
    const isFlat = low === high;
    if (this.#y === null) this.#text += `M${this.#at} ${high}${isFlat ? '' : `v${low - high}`}`;
    else if (!isFlat || this.#y !== low) {
      this.#end();
      const [near, far] = Math.abs(low - this.#y) < Math.abs(high - this.#y) ? [low, high] : [high, low];
      this.#text += `v${near - this.#y}${isFlat ? '' : `v${far - near}`}`;
      this.#y = isFlat ? near : far;
      this.#at += 1;
      this.#run = 1;
      return;
    }
    this.#y = low;
    this.#at += 1;
    this.#run += 1;
  }

  #end(): void {
    if (this.#run > 0) this.#text += `h${this.#run}`;
    this.#run = 0;
  }

  /** The path with its last step. */
  finish(): string {
    this.#end();
    return this.#text;
  }
}
