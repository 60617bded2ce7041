import type { Comparison } from '../../src/comparison/comparison.ts';
import { decadesOf, gainPainOf, HEIGHT, plotContent, WIDTH } from '../../src/report/comparison/gain-pain.ts';
import { spotShape } from '../../src/report/comparison/spot-shape.ts';
import { POLICY_COLOURS } from '../../src/report/comparison/style.ts';
import { html } from '../../src/report/html.ts';

const COLUMNS = 3;
const TITLE = 24;
const GAP = 18;
const LEGEND = 34;

const COLOURS = {
  light: { bg: '#fff', fg: '#1b1f24', dim: '#57606a', line: '#d0d7de', card: '#f6f8fa' },
  dark: { bg: '#0d1117', fg: '#e6edf3', dim: '#9aa4af', line: '#30363d', card: '#161b22' },
};
/** docs/comparison.svg: the gain-pain plots of all scenarios, in light and dark. */
export function comparisonPicture(comparison: Comparison): string {
  const [baseline = ''] = comparison.policies;
  const plots = comparison.scenarios.map((scenario) => gainPainOf(comparison, scenario));
  const decades = decadesOf(plots);
  const width = COLUMNS * WIDTH + (COLUMNS + 1) * GAP;
  const height = LEGEND + Math.ceil(plots.length / COLUMNS) * (HEIGHT + TITLE + GAP);
  const colours = (scheme: 'light' | 'dark'): string =>
    [
      ...Object.entries(COLOURS[scheme]).map(([name, value]) => `--${name}:${value}`),
      ...POLICY_COLOURS[scheme].map((value, at) => `--p${at}:${value}`),
    ].join(';');
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    viewBox="0 0 ${width} ${height}"
    font-family="system-ui,sans-serif"
    font-size="11"
  >
    <title>Gain and pain of ${comparison.policies.join(', ')}</title>
    <style>
      svg{${colours('light')}} @media (prefers-color-scheme:dark){svg{${colours('dark')}}}
      text{fill:var(--dim)} line{stroke:var(--line)} rect.back{fill:var(--bg)} rect.zero{fill:var(--card)} text.x{text-anchor:middle}
      text.y,text.bound{text-anchor:end} .bound,text.title{fill:var(--fg);stroke:var(--fg)} text.title{font-size:14px;font-weight:600;stroke:none}
      text.bound{stroke:none} line.bound{stroke-width:1.5;stroke-dasharray:6 3}
      path.spread{fill:none;stroke:currentColor;stroke-width:1.5;stroke-opacity:.6} path.shape{fill:currentColor;stroke:var(--bg)}
      text.killed{fill:currentColor;font-weight:600} .legend text{fill:currentColor;font-size:13px}
      ${POLICY_COLOURS.light.map((_, at) => html`.p${at}{color:var(--p${at})} `)}
    </style>
    <rect class="back" width="100%" height="100%" />
    ${comparison.policies.map(
      (policy, at) =>
        html`<g class="legend p${at}"
          ><path class="shape" d="${spotShape(at, GAP + 12 + at * 130, 20)}" />
          <text x="${GAP + 26 + at * 130}" y="24">${policy}</text></g
        >`,
    )}
    ${plots.map((plot, at) => {
      const x = GAP + (at % COLUMNS) * (WIDTH + GAP);
      const y = LEGEND + Math.floor(at / COLUMNS) * (HEIGHT + TITLE + GAP);
      return html`<text class="title" x="${x + 8}" y="${y + 18}">${plot.scenario}</text>
        <svg x="${x}" y="${y + TITLE}" width="${WIDTH}" height="${HEIGHT}">
          ${plotContent(plot, decades, baseline)}
        </svg> `;
    })}
  </svg> `.text.replace(/\n\s*/g, '\n');
}
