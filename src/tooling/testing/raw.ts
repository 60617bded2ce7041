import type { PolicyScalar } from '../../model/control.ts';

/** A policy test file after schema validation, with the file's key names. Values are not parsed yet. */
export interface RawFile {
  readonly policy: string | readonly string[];
  readonly params?: unknown;
  readonly interval?: string;
  readonly history?: number;
  readonly defaults?: { readonly host?: RawEntity; readonly guest?: RawEntity; readonly guests?: RawGuests };
  /** Each case is validated separately, after the values of its table are filled in. */
  readonly cases: readonly unknown[];
}

export type RawScalar = number | string | boolean | null;
export type RawReading = RawScalar | readonly RawScalar[];

/** Fields, `labels` and `props`. */
export type RawEntity = Readonly<Record<string, unknown>>;
export type RawGuests = Readonly<Record<string, RawEntity | null>>;

/** The table is already expanded. */
export interface RawCase {
  readonly name: string;
  readonly params?: unknown;
  readonly interval?: string;
  readonly history?: number;
  readonly host?: RawEntity;
  readonly guests?: RawGuests;
  readonly vars?: RawVars;
  readonly recording?: { readonly file: string; readonly at: string };
  readonly expect?: RawExpect;
  readonly intervals?: readonly RawInterval[];
}

export interface RawInterval {
  readonly after?: string;
  readonly host?: RawEntity;
  readonly guests?: RawGuests;
  readonly expect?: RawExpect;
}

export interface RawVars {
  readonly host?: Readonly<Record<string, PolicyScalar>>;
  readonly guests?: Readonly<Record<string, Readonly<Record<string, PolicyScalar>>>>;
}

export type RawExpect =
  | 'nothing'
  | {
      readonly host?: RawWants;
      readonly guests?: Readonly<Record<string, RawWants>>;
      readonly others?: 'nothing' | 'any';
      readonly errors?: readonly (string | { readonly guest?: string; readonly message: string })[];
      readonly vars?: RawVars;
    };

export type RawWants = 'nothing' | Readonly<Record<string, RawWant>>;

export type RawWant =
  | RawScalar
  | {
      readonly value?: RawScalar;
      readonly within?: number | string;
      readonly min?: number | string;
      readonly max?: number | string;
      readonly because?: string;
    };
