import { html, type Html } from '../../src/report/html.ts';
import { HEIGHT, rangePath } from '../../src/report/svg-path.ts';
import { sizeAxis } from '../../src/report/times.ts';
import type { Comparison } from './figures.ts';
import type { Column } from './observed.ts';

const PANEL = { width: 300, height: 168, gap: 16 } as const;
const PLOT = { left: 40, top: 40, height: 96 } as const;
const COLUMNS = 3;
const HEAD = 40;

/** docs/calibration.svg: what was recorded against what is simulated, a small picture for each figure. */
export function plot(comparisons: readonly Comparison[]): string {
  const rows = Math.ceil(comparisons.length / COLUMNS);
  const width = COLUMNS * (PANEL.width + PANEL.gap) + PANEL.gap;
  const height = HEAD + rows * (PANEL.height + PANEL.gap);
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    role="img"
    aria-label="Recorded against simulated"
  >
    <style>
      svg {
        color-scheme: light dark;
        font:
          12px system-ui,
          sans-serif;
        background: #fff;
      }
      text {
        fill: #222;
      }
      .small {
        font-size: 11px;
        fill: #555;
      }
      .frame {
        stroke: #ccc;
      }
      path {
        fill: none;
        stroke-width: 2;
        vector-effect: non-scaling-stroke;
      }
      .real {
        stroke: #1f5fbf;
      }
      .simulated {
        stroke: #d9630a;
        stroke-dasharray: 5 3;
      }
      @media (prefers-color-scheme: dark) {
        svg {
          background: #111;
        }
        text {
          fill: #eee;
        }
        .small {
          fill: #aaa;
        }
        .frame {
          stroke: #444;
        }
        .real {
          stroke: #79b0ff;
        }
        .simulated {
          stroke: #ffa354;
        }
      }
    </style>
    <path class="real" d="M16 22h40" />
    <text x="62" y="26">recorded</text>
    <path class="simulated" d="M140 22h40" />
    <text x="186" y="26">simulated</text>
    <text class="small" x="280" y="26">
      over seconds; in parentheses the mean error, as a share of the largest value
    </text>
    ${comparisons.map((comparison, at) => panel(comparison, at))}
  </svg> `.text;
}

function panel({ experiment, figure, percent, real, simulated }: Comparison, at: number): Html {
  const x = PANEL.gap + (at % COLUMNS) * (PANEL.width + PANEL.gap);
  const y = HEAD + Math.floor(at / COLUMNS) * (PANEL.height + PANEL.gap);
  const known = [...real, ...simulated].filter((value) => value !== null);
  const { top } = sizeAxis(Math.max(1, ...known), 2);
  const seconds = real.length - 1;
  const width = PANEL.width - PLOT.left;
  const line = (column: Column): string => rangePath({ lows: column, highs: column }, top);
  return html`<svg x="${x}" y="${y}" width="${PANEL.width}" height="${PANEL.height}">
    <text x="0" y="13" font-weight="600">${experiment}</text>
    <text x="0" y="29">${figure.title} (${percent.toFixed(percent < 10 ? 1 : 0)} %)</text>
    <g class="frame" fill="none">
      <path class="frame" stroke-width="1" d="M${PLOT.left} ${PLOT.top}V${PLOT.top + PLOT.height}H${PANEL.width}" />
    </g>
    <text class="small" x="${PLOT.left - 4}" y="${PLOT.top + 9}" text-anchor="end">${top}</text>
    <text class="small" x="${PLOT.left - 4}" y="${PLOT.top + PLOT.height}" text-anchor="end">0 ${figure.unit}</text>
    <text class="small" x="${PANEL.width}" y="${PLOT.top + PLOT.height + 14}" text-anchor="end">${seconds} s</text>
    <svg
      x="${PLOT.left}"
      y="${PLOT.top}"
      width="${width}"
      height="${PLOT.height}"
      viewBox="0 -15 ${seconds} ${HEIGHT + 15}"
      preserveAspectRatio="none"
    >
      <path class="real" d="${line(real)}" />
      <path class="simulated" d="${line(simulated)}" />
    </svg>
  </svg>`;
}
