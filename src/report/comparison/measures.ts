import { verdict, type Cell, type Comparison, type ComparedScenario } from '../../comparison/comparison.ts';
import { MEASURES, type Measure } from '../../comparison/measures.ts';
import { html, type Html, type Piece } from '../html.ts';
import { differenceText, measureText } from '../measure-text.ts';

const MARKS = { better: '+', worse: '\u2212' } as const;

/** All figures of a scenario, policies side by side. The script lets the arrow keys move between the cells. */
export function measuresTable({ cells, policies }: Comparison, { name }: ComparedScenario): Html {
  const own = policies.flatMap((policy) => cells.filter((cell) => cell.scenario === name && cell.policy === policy));
  return html`<div class="scroll">
      <table class="measures">
        <caption>
          All figures of ${name}
        </caption>
        <thead>
          <tr>
            <td></td>
            ${own.map(({ policy }) => html`<th scope="col" class="n">${policy}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${MEASURES.map(
            (measure) =>
              html`<tr>
                <th scope="row">${measure.title}</th>
                ${own.map((cell) => html`<td class="n">${cellOf(measure, cell, policies[0] ?? '')}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="said" aria-live="polite"></p>`;
}

function cellOf(measure: Measure, cell: Cell, baseline: string): Piece {
  const own = cell.estimates[measure.key] ?? null;
  if (own === null) return '-';
  const found = verdict(measure, cell.differences?.[measure.key] ?? null);
  const more = moreText(measure, cell, baseline);
  return html`${measureText(measure, own.mean)}${
    found === null
      ? null
      : html` <b class="${found === 'better' ? 'good' : 'bad'}">${MARKS[found]}<i class="sr">${found}</i></b>`
  }${more === '' ? null : html`<small>${more}</small>`}`;
}

/** The interval of the difference, and the extremes of the seeds; empty: they say nothing more. */
function moreText(measure: Measure, { estimates, differences }: Cell, baseline: string): string {
  const own = estimates[measure.key]!;
  const difference = differences?.[measure.key] ?? null;
  const [least, most] = [measureText(measure, own.least), measureText(measure, own.most)];
  const texts: string[] = [];
  if (difference !== null && difference.interval !== null && difference.interval.some((end) => end !== 0)) {
    const [low, high] = difference.interval;
    texts.push(
      `${differenceText(measure, difference.mean)} from ${baseline}, ${differenceText(measure, low)} to ${differenceText(measure, high)}`,
    );
  }
  if (least !== most) texts.push(`seeds ${least} to ${most}`);
  return texts.join('; ');
}
