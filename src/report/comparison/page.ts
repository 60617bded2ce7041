import type { Comparison } from '../../comparison/comparison.ts';
import type { GateResult } from '../../comparison/gates.ts';
import { documentOf } from '../document.ts';
import { count, duration, share } from '../figures.ts';
import { html, type Html } from '../html.ts';
import { STYLE } from '../style.ts';
import { answerOf, type Part } from './answer.ts';
import { decadesOf, gainPainOf, HEIGHT, plotContent, plotLabel, WIDTH, type GainPain } from './gain-pain.ts';
import { gatesOf } from './gates.ts';
import { measuresTable } from './measures.ts';
import { spotShape } from './spot-shape.ts';
import { COMPARISON_STYLE } from './style.ts';
import { TIME_LINES_LEGEND, timeLines } from './time-lines.ts';

export interface ComparisonPageOptions {
  readonly gates: readonly GateResult[];
  /** What hindered it, in words: not all simulations have finished. */
  readonly warnings: readonly string[];
  readonly version: string;
  /** SHA-256 in base64. */
  readonly sha256: (text: string) => string;
}

/** Steps of all time lines of a page, and of one of them: a page must stay small. */
const MOST_STEPS = 6000;
const LEAST_STEPS = 48;
const STEPS = 288;

/** A comparison as one HTML page that needs nothing else: no network, and no script to be read. */
export function comparisonPage(
  comparison: Comparison,
  { gates, warnings, version, sha256 }: ComparisonPageOptions,
): string {
  const { scenarios, policies, cells, seeds } = comparison;
  const finished = scenarios.filter(({ name }) => cells.some(({ scenario }) => scenario === name));
  const parts: readonly Part[] = finished.map((scenario, at) => ({ scenario, id: `s${at}` }));
  const [baseline = ''] = policies;
  const title = policies.length > 1 ? 'Ballast: policies compared' : `Ballast: ${baseline} simulated`;
  const steps = Math.max(LEAST_STEPS, Math.min(STEPS, Math.floor(MOST_STEPS / Math.max(1, cells.length))));
  const body = html`<main>
      <h1>${title}</h1>
      <p>
        ${count(policies.length, 'policy', 'policies')} on ${count(scenarios.length, 'scenario')}, simulated with
        ${seeds.length === 1 ? `seed ${seeds[0]!}` : `the seeds ${seeds[0] ?? 0} to ${seeds.at(-1) ?? 0}`}${policies.length > 1 ? html`; the baseline is <strong>${baseline}</strong>` : null}.
      </p>
      ${warnings.map((warning) => html`<p class="bad">${warning}</p>`)}
      <nav aria-label="Parts of the page">
        <a href="#answer">The answer in short</a>
        ${policies.length > 1 ? html`<a href="#plots">Gain and pain</a>` : null}
        ${parts.map(({ scenario, id }) => html`<a href="#${id}">${scenario.name}</a>`)}
      </nav>
      ${gatesOf(gates, parts)} ${answerOf(comparison, parts)}${policies.length > 1 ? plotsOf(comparison, parts) : null}
      <label class="choice"><input type="checkbox" id="intervals" /> Show the confidence intervals in all tables</label>
      ${parts.map((part) => scenarioOf(comparison, part, steps))}
    </main>
    <footer>
      <p>
        Made by Ballast ${version} from simulations: compare the results with each other, and do not take them for a
        promise about your host. Point at a chart or a figure, or move with the arrow keys, for details. Simulated time
        begins at midnight.
      </p>
    </footer>`;
  return documentOf({ title, style: `${STYLE}\n${COMPARISON_STYLE}`, attributes: null, body, sha256 });
}

function plotsOf(comparison: Comparison, parts: readonly Part[]): Html {
  const [baseline = ''] = comparison.policies;
  const plots = parts.map(({ scenario, id }) => ({ id, plot: gainPainOf(comparison, scenario) }));
  const decades = decadesOf(plots.map(({ plot }) => plot));
  const hasBound = plots.some(({ plot }) => plot.bound !== null);
  return html`<section id="plots">
    <h2>Gain and pain</h2>
    <p>
      To the right: guests take less memory of the host than with ${baseline}, on average. Upwards: guests wait a larger
      share of their time for memory, on a logarithmic scale; in the row <em>none</em> it is under 0.001 %. The best
      place is at the bottom right. Lines go from the least to the most of the seeds; ✕ counts what OOM killers ended.
      ${
        hasBound
          ? 'The dashed line is the bound: with less memory guests would have to wait, even if a policy knew the future.'
          : null
      }
    </p>
    <ul class="legend policies">
      ${comparison.policies.map(
        (policy, index) =>
          html`<li class="p${index % 6}">
            <svg viewBox="-1 -1 20 20" aria-hidden="true"><path class="shape" d="${spotShape(index, 9, 9)}" /></svg
            >${policy}
          </li>`,
      )}
    </ul>
    <div class="plots">${plots.map(({ id, plot }) => plotFigure(plot, id, decades, baseline))}</div>
  </section>`;
}

function plotFigure(plot: GainPain, id: string, decades: readonly number[], baseline: string): Html {
  const label = plotLabel(plot, baseline);
  return html`<figure class="gain-pain">
    <figcaption>
      <h3><a href="#${id}">${plot.scenario}</a></h3>
    </figcaption>
    <div class="spots" data-label="Gain and pain in ${plot.scenario}">
      <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
        ${plotContent(plot, decades, baseline)}
      </svg>
    </div>
    <p class="said"></p>
  </figure>`;
}

function scenarioOf(comparison: Comparison, { scenario, id }: Part, steps: number): Html {
  const { name, story, guests, promised, durationS } = scenario;
  return html`<section class="scenario" id="${id}">
    <h2>${name}</h2>
    <p>${story}</p>
    <p class="dim">
      ${count(guests, 'guest')} with ${share(promised, 1)} of the memory of the host; simulated: ${duration(durationS)}
    </p>
    ${measuresTable(comparison, scenario)}
    <h3>Over time</h3>
    <div class="key">${TIME_LINES_LEGEND}</div>
    ${timeLines(comparison, scenario, id, steps)}
  </section>`;
}
