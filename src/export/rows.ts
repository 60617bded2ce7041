import { Readings, type GuestReading, type HostReading } from '../analysis/readings.ts';
import { heldMsOf } from '../analysis/held.ts';
import type { FieldValue, Sample } from '../model/field.ts';
import type { Held } from '../model/decision.ts';
import type { GuestSnapshot, Snapshot } from '../model/snapshot.ts';
import { withoutNumbers } from '../model/text.ts';
import type { RecordedInterval, RecordingHeader } from '../recording/format.ts';
import { eventOf, heldEventOf, type TimelineEvent } from '../tooling/timeline/event.ts';
import type { Column, ColumnType, TableName, Tables } from './tables.ts';

/** null: nil. In the order of the columns of the table. */
export type Value = number | string | boolean | Date | null;
export type Row = readonly Value[];
export type Sink = (table: TableName, timeMs: number, row: Row) => void;

interface Pending {
  readonly snapshot: Snapshot;
  readonly host: HostReading;
  readonly guests: readonly GuestReading[];
}

/** Turns the intervals of one recording file into rows of the tables. A row of statistics comes when the next interval is known. */
export class Rows {
  readonly #intervalMs: number;
  readonly #sink: Sink;
  readonly #readings: Readings;
  readonly #host: Cells;
  readonly #guest: Cells;
  #pending: Pending | null = null;

  constructor(header: RecordingHeader, tables: Tables, sink: Sink) {
    this.#intervalMs = header.collect_interval_ms;
    this.#sink = sink;
    this.#readings = new Readings(header);
    this.#host = cellsOf(tables.host, header.host_fields);
    this.#guest = cellsOf(tables.guests, header.guest_fields);
  }

  add({ snapshot, context, policy, relief }: RecordedInterval): void {
    if (context) return;
    const { timeMs, guests } = snapshot;
    const lastMs = this.#pending?.snapshot.timeMs ?? null;
    this.#flush(timeMs);
    const elapsedMs = lastMs === null || timeMs < lastMs ? null : timeMs - lastMs;
    const readings = guests.map((guest) => this.#readings.guest(guest, timeMs, elapsedMs));
    this.#pending = { snapshot, host: this.#readings.host(snapshot), guests: readings };
    const time = new Date(timeMs);
    for (const { outcomes, held } of [policy, relief].filter((line) => line !== null && line !== undefined)) {
      for (const outcome of outcomes) this.#addEvent(time, eventOf('', outcome));
      for (const each of held) this.#addHeld(time, each);
    }
  }

  /** Ends the recording. */
  end(): void {
    this.#flush(null);
  }

  #flush(nextMs: number | null): void {
    if (this.#pending === null) return;
    const { snapshot, host, guests } = this.#pending;
    this.#pending = null;
    const heldS = heldMsOf(snapshot.timeMs, nextMs, this.#intervalMs) / 1000;
    const time = new Date(snapshot.timeMs);
    this.#sink('host', snapshot.timeMs, [
      time,
      heldS,
      host.guestsKib,
      host.savedKib,
      ...this.#host(snapshot.host ?? []),
    ]);
    snapshot.guests.forEach((guest, at) => {
      this.#sink('guests', snapshot.timeMs, this.#guestRow(guest, guests[at]!, time, heldS));
    });
  }

  #guestRow({ name, uuid, props, sample }: GuestSnapshot, reading: GuestReading, time: Date, heldS: number): Row {
    const { usedKib, residentKib, isInPain, oomKills } = reading;
    const labels = typeof props['labels'] === 'string' ? props['labels'] : null;
    return [time, heldS, name, uuid, labels, usedKib, residentKib, isInPain, oomKills, ...this.#guest(sample)];
  }

  #addEvent(time: Date, event: TimelineEvent): void {
    // What Ballast itself did not send is held back.
    if (event.kind === 'held') return this.#addHeldEvent(time, event);
    const {
      guest,
      control,
      from,
      to,
      change_kib: change,
      status,
      detail,
      asked_by: by,
      reason,
      notes,
      position,
    } = event;
    this.#sink('decisions', time.getTime(), [
      ...[time, guest?.name ?? null, guest?.uuid ?? null, control],
      ...[numberOf(from), numberOf(to), textOf(to), change, status, detail, by, reason],
      ...[reason === null ? null : withoutNumbers(reason), notes.length === 0 ? null : notes.join('\n')],
      ...[position?.file ?? null, position?.line ?? null],
    ]);
  }

  #addHeld(time: Date, held: Held): void {
    if (held.kind === 'held') this.#addHeldEvent(time, heldEventOf('', held));
  }

  #addHeldEvent(time: Date, { guest, control, to, asked_by: guard, detail }: TimelineEvent): void {
    this.#sink('holds', time.getTime(), [
      ...[time, guest?.name ?? null, guest?.uuid ?? null, control, numberOf(to), textOf(to), guard, detail],
      detail === null ? null : withoutNumbers(detail),
    ]);
  }
}

/** The recorded values of the columns that are fields. */
type Cells = (sample: Sample) => readonly Value[];

function cellsOf(columns: readonly Column[], recorded: readonly string[]): Cells {
  const index = new Map(recorded.map((name, at) => [name, at]));
  const places = columns.flatMap(({ field, type }) => (field === undefined ? [] : [{ at: index.get(field), type }]));
  return (sample) => places.map(({ at, type }) => (at === undefined ? null : valueOf(sample[at], type)));
}

/** A value of another type is nil: a recording may be made up, a column has one type. */
function valueOf(value: FieldValue | undefined, type: ColumnType): Value {
  switch (type) {
    case 'DOUBLE':
      return typeof value === 'number' ? value : null;
    case 'BOOLEAN':
      return typeof value === 'boolean' ? value : null;
    case 'STRING':
      return typeof value === 'string' ? value : null;
    case 'TIMESTAMP':
      return null;
  }
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined || typeof value === 'number') return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
