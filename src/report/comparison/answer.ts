import type { Comparison, ComparedScenario } from '../../comparison/comparison.ts';
import { size } from '../figures.ts';
import { html, type Html, type Piece } from '../html.ts';
import { killedText, waitingText } from './gain-pain.ts';
import { direction, memoryDirection, outcomesOf, waitingDirection, type Outcome } from './outcome.ts';

/** A scenario of the page, and the id of its section. */
export interface Part {
  readonly scenario: ComparedScenario;
  readonly id: string;
}

/** Scenarios that one sentence names. */
const MOST_NAMED = 4;

interface Row extends Part {
  readonly outcomes: readonly Outcome[];
}

/** The answer in words: a sentence or two for each policy, and a table with all scenarios. */
export function answerOf(comparison: Comparison, parts: readonly Part[]): Html {
  const rows = parts.map((part) => ({ ...part, outcomes: outcomesOf(comparison, part.scenario) }));
  const [baseline = '', ...others] = comparison.policies;
  const canJudge = comparison.cells.some(({ seeds, differences }) => differences !== null && seeds.length > 1);
  return html`<section id="answer">
    <h2>The answer in short</h2>
    ${
      canJudge
        ? html`<ul class="stands">
            ${others.map((policy) => html`<li>${sentence(policy, baseline, rows)}</li>`)}
          </ul>`
        : others.length > 0
          ? html`<p>One seed cannot show which differences are more than chance: use <code>--seeds 5</code>.</p>`
          : null
    }
    ${table(comparison.policies, rows)}
    ${
      canJudge
        ? html`<p class="dim">
            Only differences beyond chance are listed: their 95 % confidence interval over the seeds excludes zero.
            Waiting under 0.001 % of the running time counts as none. Differences of memory are left out below 1 %, and
            where they come from guests that did not run. Killed are programs by the OOM killers of guests, and guests
            by that of the host. Below the name of a scenario: ${baseline}.
          </p>`
        : null
    }
  </section>`;
}

function sentence(policy: string, baseline: string, rows: readonly Row[]): Html {
  const where = (matches: (outcome: Outcome) => boolean): readonly Part[] =>
    rows.filter(({ outcomes }) => outcomes.some((outcome) => outcome.policy === policy && matches(outcome)));
  const phrases: readonly (readonly [words: string, parts: readonly Part[]])[] = [
    ['guests wait less', where((outcome) => waitingDirection(outcome) === 'less')],
    ['guests wait longer', where((outcome) => waitingDirection(outcome) === 'more')],
    ['fewer are killed', where(({ killed }) => direction(killed) === 'less')],
    ['more are killed', where(({ killed }) => direction(killed) === 'more')],
    ['guests take less memory of the host', where((outcome) => memoryDirection(outcome) === 'less')],
    ['guests take more', where((outcome) => memoryDirection(outcome) === 'more')],
  ];
  const found = phrases.filter(([, parts]) => parts.length > 0);
  if (found.length === 0) return html`<strong>${policy}</strong>: no difference from ${baseline} beyond chance.`;
  return html`<strong>${policy}</strong>, compared with ${baseline}:
    ${found.map(([words, parts], at) => html`${at === 0 ? null : '; '}${words} in ${named(parts, rows.length)}`)}.`;
}

function named(parts: readonly Part[], all: number): Piece {
  if (parts.length === all && all > 1) return `all ${all} scenarios`;
  if (parts.length > MOST_NAMED) return `${parts.length} of ${all} scenarios`;
  return parts.map(({ scenario, id }, at) => html`${at === 0 ? null : ', '}<a href="#${id}">${scenario.name}</a>`);
}

/** Scenarios below each other, policies side by side. On a narrow screen the cells of a row are below each other. */
function table(policies: readonly string[], rows: readonly Row[]): Html {
  const shown = policies.length > 1 ? policies.slice(1) : policies;
  return html`<div class="scroll" role="region" aria-label="The answer for each scenario, as a table" tabindex="0">
    <table class="answer">
      <thead>
        <tr>
          <th scope="col">scenario</th>
          ${shown.map((policy) => html`<th scope="col">${policy}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(({ scenario, id, outcomes }) => {
          const baseline = outcomes.find(({ isBaseline }) => isBaseline);
          return html`<tr>
            <th scope="row">
              <a href="#${id}">${scenario.name}</a>
              ${baseline === undefined || shown.length === policies.length ? null : html`<small>${figures(baseline)}</small>`}
            </th>
            ${shown.map((policy) => {
              const outcome = outcomes.find((each) => each.policy === policy);
              return html`<td data-policy="${policy}">${outcome === undefined ? 'not simulated' : cell(outcome)}</td>`;
            })}
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}

/** One difference from the baseline, in words. */
interface Said {
  readonly is: 'good' | 'bad';
  readonly words: string;
}

function cell(outcome: Outcome): Piece {
  const said = differencesOf(outcome);
  if (said === null) return figures(outcome);
  if (said.length === 0) return html`<span class="dim">no difference</span>`;
  return said.map(({ is, words }) => html`<span class="${is}">${words.replace(/ (?=%|[KMGT]iB)/g, '\u00a0')}</span>`);
}

/** What is better and worse beyond chance; null: that cannot be told. */
export function differencesOf(outcome: Outcome): readonly Said[] | null {
  const { waiting, killed, held } = outcome;
  if (waiting.difference === null || waiting.difference.interval === null) return null;
  const [waits, kills, memory] = [waitingDirection(outcome), direction(killed), memoryDirection(outcome)];
  const said = (is: 'less' | 'more' | null, words: () => string): Said[] =>
    is === null ? [] : [{ is: is === 'less' ? 'good' : 'bad', words: `${is === 'less' ? '+' : '\u2212'} ${words()}` }];
  return [
    ...said(waits, () => `wait ${waitingText(waiting.own!.mean)} instead of ${waitingText(waiting.baseline!.mean)}`),
    ...said(kills, () => `${killedText(killed.own!.mean)} killed instead of ${killedText(killed.baseline!.mean)}`),
    ...said(memory, () => `${size(Math.round(Math.abs(held.difference!.mean)))} ${memory} memory`),
  ];
}

/** What a policy did, in words: without a judgement. */
export function figures({ waiting, killed, held }: Outcome): string {
  return [
    ...(waiting.own === null ? [] : [`waits ${waitingText(waiting.own.mean)}`]),
    ...((killed.own?.mean ?? 0) > 0 ? [`${killedText(killed.own!.mean)} killed`] : []),
    ...(held.own === null ? [] : [`takes ${size(Math.round(held.own.mean))}`]),
  ].join(', ');
}
