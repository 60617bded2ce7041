import type { Layout, Sample } from '../../src/model/field.ts';
import { layoutsOf } from '../../src/recording/format.ts';
import { openRecording } from '../../src/recording/reader.ts';
import { text } from './svg.ts';

const RECORDING = new URL('../../test/recordings/demo.jsonl.gz', import.meta.url);

/** Colours that are distinguishable with colour blindness. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'];
const WIDTH = 820;
const LEFT = 74;
const RIGHT = 726;
const GREY = '#666';

/** [minutes since the start, value] */
type Point = readonly [number, number];

interface Panel {
  readonly title: string;
  /** The y coordinates of the upper and lower edges. */
  readonly top: number;
  readonly bottom: number;
  /** The value at the upper edge; the lower edge is 0. */
  readonly most: number;
  readonly marks: readonly (readonly [value: number, text: string])[];
}

const FREE: Panel = {
  title: 'Free memory of the host',
  top: 40,
  bottom: 140,
  most: 60,
  marks: [
    [0, '0 %'],
    [20, '20 %'],
    [40, '40 %'],
    [60, '60 %'],
  ],
};

const SIZES: Panel = {
  title: 'Size of each guest',
  top: 190,
  bottom: 390,
  most: 800,
  marks: [
    [0, '0 MiB'],
    [256, '256 MiB'],
    [512, '512 MiB'],
    [768, '768 MiB'],
  ],
};

/** Draws docs/demo.svg, the picture in the README, from the demo recording. */
export async function picture(): Promise<string> {
  const recording = await openRecording(RECORDING.pathname, {
    onCutOff: (message) => {
      throw new Error(message);
    },
  });
  const { host: hostLayout, guest: guestLayout } = layoutsOf(recording.header);
  const free: Point[] = [];
  const sizes = new Map<string, Point[]>();
  let startMs: number | null = null;
  for await (const { snapshot } of recording.intervals) {
    startMs ??= snapshot.timeMs;
    const minutes = (snapshot.timeMs - startMs) / 60_000;
    if (snapshot.host !== null) {
      const share = value(hostLayout, snapshot.host, 'mem_free') / value(hostLayout, snapshot.host, 'mem_available');
      free.push([minutes, 100 * share]);
    }
    for (const { name, sample } of snapshot.guests) {
      const points = sizes.get(name) ?? [];
      sizes.set(name, points);
      points.push([minutes, value(guestLayout, sample, 'balloon_cur') / 1024]);
    }
  }
  return draw(free, sizes);
}

function draw(free: readonly Point[], sizes: ReadonlyMap<string, readonly Point[]>): string {
  const minutes = free.at(-1)![0];
  const guests = [...sizes].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const lines = guests.map(([, points], at) => line(points, SIZES, minutes, COLOURS[at % COLOURS.length]!));
  const names = guests.map(([name], at) => {
    const y = SIZES.top + 20 + 20 * at;
    return text(RIGHT + 14, y, name, `fill="${COLOURS[at % COLOURS.length]}"`);
  });
  const threshold = yOf(FREE, 20);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} 425" font-family="sans-serif" font-size="13" role="img">
<title>Four guests give memory while the host has less than 20 % free, and get it back afterwards</title>
<rect width="${WIDTH}" height="425" fill="#fff"/>
${frame(FREE)}
<path d="M${LEFT} ${threshold}H${RIGHT}" stroke="#c00" stroke-dasharray="5 4" fill="none"/>
${text(RIGHT + 14, threshold + 4, 'shortage', 'fill="#c00"')}
${line(free, FREE, minutes, '#000')}
${frame(SIZES)}
${[...lines, ...names].join('\n')}
${[0, 5, 10, 15].map((minute) => text(xOf(minute, minutes), SIZES.bottom + 20, `${minute} min`, `fill="${GREY}" text-anchor="middle"`)).join('\n')}
</svg>
`;
}

function frame({ title, top, bottom, most, marks }: Panel): string {
  const rows = marks.map(([mark, label]) => {
    const y = round(bottom - ((bottom - top) * mark) / most);
    return `<path d="M${LEFT} ${y}H${RIGHT}" stroke="#ddd"/>\n${text(LEFT - 6, y + 4, label, `fill="${GREY}" text-anchor="end"`)}`;
  });
  return [text(LEFT, top - 14, title, 'font-weight="bold"'), ...rows].join('\n');
}

function line(points: readonly Point[], panel: Panel, minutes: number, colour: string): string {
  const steps = points.map(([minute, value]) => `${xOf(minute, minutes)} ${yOf(panel, value)}`);
  return `<path d="M${steps.join('L')}" stroke="${colour}" stroke-width="1.8" fill="none"/>`;
}

function xOf(minute: number, minutes: number): number {
  return round(LEFT + ((RIGHT - LEFT) * minute) / minutes);
}

function yOf({ top, bottom, most }: Panel, value: number): number {
  return round(bottom - ((bottom - top) * value) / most);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function value(layout: Layout, sample: Sample, field: string): number {
  const found = sample[layout.index.get(field) ?? -1];
  if (typeof found !== 'number') throw new Error(`the demo recording has no ${field} in one of its intervals`);
  return found;
}
