import { escapeControls } from '../../../model/text.ts';
import { show } from '../../../yaml/show.ts';
import { NoDemandError } from '../fitted.ts';

/** A trace is not what its format says. The message names file, line and column. */
export class TraceError extends NoDemandError {}

/** Where a line is, for messages. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** @param column from 1 */
export function traceError({ file, line }: Place, column: number, message: string): TraceError {
  return new TraceError(escapeControls(`${file}:${line}:${column}: ${message}`));
}

/** Fields of one line at most. */
const MOST_FIELDS = 1000;

const NUMBER = /^-?[0-9]{1,20}(?:\.[0-9]{0,20})?(?:[eE][+-]?[0-9]{1,3})?$/;

/** The fields of a line, without the spaces around them. */
export class Row {
  readonly place: Place;
  readonly fields: readonly string[];
  readonly #columns: readonly number[];

  /** @throws TraceError for quoted fields and for too many of them */
  constructor(place: Place, text: string, separator: string) {
    this.place = place;
    const fields: string[] = [];
    const columns: number[] = [];
    let column = 1;
    for (const field of text.split(separator, MOST_FIELDS + 1)) {
      const trimmed = field.trim();
      fields.push(trimmed);
      columns.push(column + field.indexOf(trimmed));
      column += field.length + separator.length;
    }
    this.fields = fields;
    this.#columns = columns;
    if (fields.length > MOST_FIELDS) throw traceError(place, 1, `more than ${MOST_FIELDS} fields`);
    const quoted = fields.findIndex((field) => field.startsWith('"'));
    if (quoted >= 0) throw this.error(quoted, 'quoted fields are not read; write the fields without quotes');
  }

  error(field: number, message: string): TraceError {
    return traceError(this.place, this.#columns[field] ?? 1, message);
  }

  /** @throws TraceError when the line has another number of fields than the header */
  requireFields(count: number): void {
    if (this.fields.length === count) return;
    const last = Math.min(this.fields.length - 1, count);
    throw this.error(last, `this line has ${this.fields.length} fields, and the header ${count}`);
  }

  text(field: number, what: string): string {
    const text = this.fields[field] ?? '';
    if (text === '') throw this.error(field, `the ${what} is missing`);
    if (text.length > 256) throw this.error(field, `the ${what} has more than 256 characters`);
    return text;
  }

  /** null: the field is empty, or says that there is no value. */
  optional(field: number, what: string, most: number): number | null {
    const text = this.fields[field] ?? '';
    if (text === '' || text === 'None' || text === 'null' || text.toLowerCase() === 'nan') return null;
    return this.number(field, what, most);
  }

  /** @param most the largest that is possible @throws TraceError */
  number(field: number, what: string, most: number): number {
    const text = this.fields[field] ?? '';
    const value = NUMBER.test(text) ? Number(text) : NaN;
    if (Number.isNaN(value)) throw this.error(field, `${show(text)} is not ${what}; write a number such as 1048576`);
    if (value < 0) throw this.error(field, `${show(text)} is not ${what}: it is negative`);
    if (value > most) throw this.error(field, `${show(text)} is too large for ${what}; the most is ${most}`);
    return value;
  }
}

/** 64 TiB, as in scenarios. */
export const MOST_KIB = 64 * 1024 ** 3;

/** Numbers from here on are milliseconds since the epoch, and seconds before: the year 5138 in seconds, 1973 in milliseconds. */
const MILLISECONDS = 1e11;

const LATEST_MS = 8.64e15;

const ISO =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?$/;

/** A time in seconds, in milliseconds, or as ISO 8601, which is UTC unless it says otherwise; milliseconds. @throws TraceError */
export function timeOf(row: Row, field: number): number {
  const text = row.text(field, 'time');
  if (ISO.test(text)) {
    const plain = text.replace(' ', 'T');
    const ms = Date.parse(
      /Z$|[+-][0-9]{2}:?[0-9]{2}$/.test(plain.slice(10)) || plain.length === 10 ? plain : `${plain}Z`,
    );
    if (!Number.isNaN(ms)) return ms;
  }
  if (!NUMBER.test(text))
    throw row.error(field, `${show(text)} is not a time; write seconds such as 1767571200, or 2026-01-05T00:00:00Z`);
  const value = row.number(field, 'a time', LATEST_MS);
  return Math.round(value >= MILLISECONDS ? value : value * 1000);
}
