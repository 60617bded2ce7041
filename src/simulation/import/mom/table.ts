import { layoutOf, type FieldValue, type Sample } from '../../../model/field.ts';
import { Columns } from '../recording/columns.ts';
import { Row, timeOf, type Place } from '../trace/row.ts';

/** A field of a row: a number, or a word such as the name of a mode. */
const LONGEST_WORD = 64;

const NUMBER = /^-?[0-9]{1,20}(?:\.[0-9]{0,20})?(?:[eE][+-]?[0-9]{1,3})?$/;

/** One row of a table. */
export interface MomRow {
  readonly timeMs: number;
  readonly sample: Sample;
  readonly columns: Columns;
}

/**
 * The table that MOM writes for its plots, line by line. MOM appends to a file that is there, so that a header can follow at any place. Lines
 * that it could not fill are comments.
 */
export class MomTable {
  readonly #file: string;
  #names: readonly string[] = [];
  #columns: Columns | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  /** @returns null: a header or a comment @throws TraceError */
  row(text: string, line: number): MomRow | null {
    const place: Place = { file: this.#file, line };
    const row = new Row(place, text, '\t');
    if (text.startsWith('#')) {
      if (/^#\s*time$/.test(row.fields[0]!)) this.#header(row);
      return null;
    }
    if (this.#columns === null)
      throw row.error(0, 'the header is missing; the first line should be "# time", a tab, and names of fields');
    row.requireFields(this.#names.length + 1);
    const sample = this.#names.map((_, at) => valueOf(row, at + 1));
    return { timeMs: timeOf(row, 0), sample, columns: this.#columns };
  }

  #header(row: Row): void {
    this.#names = row.fields.slice(1);
    this.#columns = new Columns(layoutOf(this.#names));
  }
}

function valueOf(row: Row, field: number): FieldValue {
  const text = row.fields[field]!;
  if (text === 'None' || text === '') return null;
  if (text === 'True' || text === 'False') return text === 'True';
  if (NUMBER.test(text)) return Number(text);
  if (text.length <= LONGEST_WORD && !/^[-+.0-9]/.test(text)) return text;
  throw row.error(field, 'this is no value of MOM; it writes numbers, words and None');
}
