import type { Buckets } from '../../analysis/grid.ts';
import { html, type Html, type Piece } from '../html.ts';
import { HEIGHT } from '../svg-path.ts';
import type { Tick, Times } from '../times.ts';

/** What all charts of a report, or of a part of it, share: the time axis. */
export interface TimeAxis {
  readonly buckets: Buckets;
  /** The whole width of a chart, milliseconds: the last bucket may be wider. */
  readonly spanMs: number;
  /** Of the element with its texts, which each chart uses. Absent: `times`. */
  readonly timesId?: string;
}

export interface Axis extends TimeAxis {
  readonly times: Times;
}

/** One line, area or row of bars of a chart. */
export interface Series {
  /** Its class, which is its colour. */
  readonly style: string;
  readonly name: string;
  readonly path: string;
  /** Drawn, but not shown as a figure. */
  readonly isDecoration?: true;
}

/** A part of a chart's height with an axis of its own. */
export interface Band {
  /** Pixels from the top of the chart. */
  readonly y: number;
  readonly height: number;
  /** The value at its top. */
  readonly top: number;
  /** stack: KiB, each area as high as all below it; on: bars. */
  readonly unit: 'KiB' | 'stack' | '%' | 'on';
  readonly series: readonly Series[];
  /** Above it. */
  readonly caption?: string;
  readonly ticks?: readonly { readonly value: number; readonly label: string }[];
}

export interface Chart {
  /** Of the element. */
  readonly id: string;
  readonly title: Piece;
  /** What it shows, for people who do not see it. */
  readonly label: string;
  readonly legend: Piece;
  /** Pixels without the time axis. */
  readonly height: number;
  readonly bands: readonly Band[];
  /** A sentence below it. */
  readonly note?: Piece;
  /** Below the note. */
  readonly details?: Piece;
}

/** Pixels below a chart for the times. */
const TIMES_HEIGHT = 18;

export function chartFigure({ id, title, label, legend, height, bands, note, details }: Chart, axis: TimeAxis): Html {
  const { count, widthMs } = axis.buckets;
  return html`<figure class="chart" id="${id}" data-n="${count}" data-w="${widthMs}">
    <figcaption>${title}${legend}</figcaption>
    <div class="plot" data-label="${label}">
      <svg height="${height + TIMES_HEIGHT}" role="img" aria-label="${label}">
        ${bands.map((band) => bandOf(band, axis))}<svg y="${height}" height="${TIMES_HEIGHT}">
          <use href="#${axis.timesId ?? 'times'}" />
        </svg>
      </svg>
    </div>
    <p class="now">${note ?? null}</p>
    ${details ?? null}
  </figure> `;
}

function bandOf(
  { y, height, top, unit, series, caption, ticks = [] }: Band,
  { buckets: { widthMs }, spanMs }: TimeAxis,
): Html {
  const box = `0 0 ${spanMs / widthMs} ${unit === 'on' ? 1 : HEIGHT}`;
  return html`<svg y="${y}" height="${height}">
    ${caption === undefined ? null : html`<text class="name" x="2" dy="-4">${caption}</text>`}
    ${ticks.map(({ value }) => html`<line x2="100%" y1="${percent(1 - value / top)}" y2="${percent(1 - value / top)}" />`)}<svg
      class="data"
      viewBox="${box}"
      preserveAspectRatio="none"
      data-top="${top}"
      data-unit="${unit}"
    >
      ${series.map(
        ({ style, name, path, isDecoration }) =>
          html`<path class="${style}" data-name="${isDecoration === true ? '' : name}" d="${path}" />`,
      )}</svg
    >${ticks.map(({ value, label }) => html`<text x="2" y="${percent(1 - value / top)}" dy="11">${label}</text>`)}
  </svg>`;
}

/** The texts of a time axis, which all its charts use: they are in the page once. */
export function timesDefinition({ timesId = 'times' }: TimeAxis, all: readonly Tick[]): Html {
  const ticks = all.filter(({ at }) => at >= 2 && at <= 98);
  return html`<svg class="hidden" width="0" height="0" aria-hidden="true">
    <g id="${timesId}">
      ${ticks.map(
        ({ at, label }, index) =>
          html`<text class="t${index % 2 === 0 ? '' : ' odd'}" x="${percent(at / 100)}" y="13">${label}</text>`,
      )}
    </g>
  </svg>`;
}

export function legendOf(entries: readonly { readonly style: string; readonly text: string }[]): Html {
  return html`<ul class="legend">
    ${entries.map(({ style, text }) => html`<li><i class="${style}"></i>${text}</li>`)}
  </ul>`;
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 1000) / 10}%`;
}
