import type { Episode } from '../analysis/episodes.ts';
import type { GuestAnalysis } from '../analysis/guest-analysis.ts';
import { withoutNumbers } from '../model/text.ts';
import { nameOf } from './charts/guest.ts';
import { duration, gibHours, size } from './figures.ts';
import { html, type Html, type Piece } from './html.ts';

/** Rows of a table. */
const MOST_ROWS = 1000;
const MOST_REASONS = 50;

export interface Column<Row> {
  readonly title: string;
  readonly isNumber: boolean;
  readonly cell: (row: Row) => Piece;
}

/** A table whose first column names its rows. It scrolls by itself where it is wider than the page. */
export function tableOf<Row>(label: string, columns: readonly Column<Row>[], rows: readonly Row[]): Html {
  const style = ({ isNumber }: Column<Row>) => (isNumber ? 'n' : 'why');
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">
    <table>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col" class="${style(column)}">${column.title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${columns.map((column, at) =>
                at === 0
                  ? html`<th scope="row">${column.cell(row)}</th>`
                  : html`<td class="${style(column)}">${column.cell(row)}</td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/**
 * @param hrefOf the chart of a guest; null: it has none
 * @param waitedS how long a guest waited for memory, which only simulations know; null: not simulated
 */
export function guestsTable(
  guests: readonly GuestAnalysis[],
  hrefOf: (uuid: string) => string | null,
  waitedS: ((name: string) => number) | null,
): Html {
  const number = (title: string, cell: (guest: GuestAnalysis) => Piece): Column<GuestAnalysis> => ({
    ...{ title, isNumber: true, cell },
  });
  const link = (guest: GuestAnalysis): Piece => {
    const href = hrefOf(guest.uuid);
    return href === null ? nameOf(guest) : html`<a href="${href}">${nameOf(guest)}</a>`;
  };
  const bad = (figure: number, text: string): Piece => (figure === 0 ? text : html`<span class="bad">${text}</span>`);
  return tableOf(
    'Guests, as a table',
    [
      { title: 'guest', isNumber: false, cell: link },
      number('in pain', ({ painSeconds }) => bad(painSeconds, duration(painSeconds))),
      ...(waitedS === null
        ? []
        : [number('waited for memory', ({ name }) => bad(waitedS(name), duration(waitedS(name))))]),
      number('OOM kills', ({ oomKills }) => bad(oomKills, String(oomKills))),
      number('at the end', ({ lastKib }) => size(lastKib)),
      number('least', ({ leastKib }) => size(leastKib)),
      number('maximum', ({ maxKib }) => size(maxKib)),
      number('most used', ({ mostUsedKib }) => size(mostUsedKib)),
      number('most resident', ({ mostResidentKib }) => size(mostResidentKib)),
      number('in its balloon', ({ takenKibHours }) => gibHours(takenKibHours)),
      number('taken', ({ taken }) => `${taken}×`),
      number('given', ({ given }) => `${given}×`),
      number('not done', ({ failed }) => bad(failed, String(failed))),
      number('held back', ({ held }) => held.toLocaleString('en')),
    ],
    guests.slice(0, MOST_ROWS),
  );
}

interface Reason {
  readonly askedBy: string;
  /** With the figures of its last time. */
  readonly why: string;
  readonly writes: Readonly<Record<Episode['direction'], number>>;
  readonly of: number;
}

/** What was written for which reason; null: nothing. */
export function reasonsTable(guests: readonly GuestAnalysis[], ofHost: readonly Episode[]): Html | null {
  const reasons = reasonsOf([...guests.map(({ episodes }) => episodes), ofHost]);
  if (reasons.length === 0) return null;
  const number = (title: string, cell: (reason: Reason) => Piece): Column<Reason> => ({ title, isNumber: true, cell });
  return html`<section id="reasons">
    <h2>Decisions by reason</h2>
    ${tableOf(
      'Decisions by reason, as a table',
      [
        { title: 'reason', isNumber: false, cell: ({ why }) => (why === '' ? 'no reason given' : why) },
        { title: 'requested by', isNumber: false, cell: ({ askedBy }) => askedBy },
        number('taken', ({ writes }) => writes.taken),
        number('given', ({ writes }) => writes.given),
        number('settings', ({ writes }) => writes.set),
        number('not done', ({ writes }) => writes.failed),
        number('guests', ({ of }) => of),
      ],
      reasons.slice(0, MOST_REASONS),
    )}${reasons.length > MOST_REASONS ? html`<p>${reasons.length - MOST_REASONS} rarer reasons are left out.</p>` : null}
  </section>`;
}

/** The most frequent first. The last list is that of the host. */
function reasonsOf(lists: readonly (readonly Episode[])[]): readonly Reason[] {
  const found = new Map<string, Reason>();
  lists.forEach((episodes, at) => {
    const own = new Set<string>();
    for (const { askedBy, why, direction, writes } of episodes) {
      const key = `${askedBy}\n${withoutNumbers(why)}`;
      const before = found.get(key) ?? { askedBy, why, writes: { taken: 0, given: 0, set: 0, failed: 0 }, of: 0 };
      const isFirst = !own.has(key) && at < lists.length - 1;
      own.add(key);
      found.set(key, {
        ...before,
        why,
        writes: { ...before.writes, [direction]: before.writes[direction] + writes },
        of: before.of + Number(isFirst),
      });
    }
  });
  const total = ({ writes }: Reason) => Object.values(writes).reduce((sum, each) => sum + each, 0);
  return [...found.values()].sort((one, other) => total(other) - total(one));
}
