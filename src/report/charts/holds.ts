import type { GuardHolds } from '../../analysis/holds.ts';
import { count } from '../figures.ts';
import { html, type Html } from '../html.ts';
import { barsPath } from '../svg-path.ts';
import { chartFigure, legendOf, type Axis, type Band } from './frame.ts';

/** Guards with a row of their own in the picture; the table has all. */
const MOST_ROWS = 16;
/** Pixels of a row, and of the name above its bars. */
const ROW = 32;
const NAME = 16;

/** When each guard held requests back, and why. */
export function holdsSection(holds: readonly GuardHolds[], axis: Axis): Html {
  if (holds.length === 0)
    return html`<section id="holds">
      <h2>Held back</h2>
      <p>No guard held a request back.</p>
    </section>`;
  const rows = holds.slice(0, MOST_ROWS);
  const chart = chartFigure(
    {
      ...{ id: 'holds', height: rows.length * ROW, title: html`<h2>Held back, by guard</h2>` },
      label: `When guards held requests back: ${rows.map(({ guard, requests }) => `${guard} ${requests}`).join(', ')}`,
      legend: legendOf([
        { style: 'few', text: 'few' },
        { style: 'some', text: 'more' },
        { style: 'many', text: 'most requests of this guard' },
      ]),
      bands: rows.map((row, at) => bandOf(row, at)),
    },
    axis,
  );
  return html`${chart}
    <div class="scroll" role="region" aria-label="Held back, as a table" tabindex="0">
      <table>
        <thead>
          <tr>
            <th scope="col">guard</th>
            <th scope="col" class="n">requests</th>
            <th scope="col" class="n">guests</th>
            <th scope="col">most frequent reason</th>
          </tr>
        </thead>
        <tbody>
          ${holds.map(
            ({ guard, requests, guests, why }) =>
              html`<tr>
                <th scope="row">${guard}</th>
                <td class="n">${requests.toLocaleString('en')}</td>
                <td class="n">${guests}</td>
                <td>${why}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function bandOf({ guard, requests, perBucket }: GuardHolds, at: number): Band {
  const most = perBucket.reduce((one, other) => Math.max(one, other), 0);
  const level = (from: number, to: number) =>
    barsPath(perBucket.map((each) => each > most * from && each <= most * to));
  return {
    ...{
      y: at * ROW + NAME,
      height: ROW - NAME - 4,
      top: 1,
      unit: 'on',
      caption: `${guard} (${count(requests, 'request')})`,
    },
    series: [
      { style: 'few', name: `${guard}: few held back`, path: level(0, 1 / 3) },
      { style: 'some', name: `${guard}: more held back`, path: level(1 / 3, 2 / 3) },
      { style: 'many', name: `${guard}: most held back`, path: level(2 / 3, 1) },
    ],
  };
}
