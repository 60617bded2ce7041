import type { PlacedOverride } from '../../parameters/group.ts';
import type { PolicyScalar } from '../../model/control.ts';
import type { FieldValue } from '../../model/field.ts';
import type { Props } from '../../model/snapshot.ts';
import type { Place } from '../../yaml/yaml-text.ts';
import type { Want } from './want.ts';

/** A valid policy test file. */
export interface Suite {
  readonly file: string;
  /** Paths as written, relative to the test file. */
  readonly policies: readonly string[];
  /** Where they are named. */
  readonly policiesAt: Place;
  readonly cases: readonly TestCase[];
}

export interface TestCase {
  readonly name: string;
  /** Line in the test file, from 1. */
  readonly line: number;
  /** Parameter overrides; the first of duplicates wins. */
  readonly params: readonly PlacedOverride[];
  /** Number of samples kept; a recording has its own number. */
  readonly history: number;
  readonly vars: Vars;
  /** The recorded moment that provides host and guests; null: the steps provide them. */
  readonly recording: { readonly file: string; readonly at: string } | null;
  /** Consecutive evaluations; in a case with a recording, the first is at that moment. */
  readonly steps: readonly Step[];
}

export interface Step {
  /** Milliseconds since the previous step or, in the first step, the previous sample. Unused in the first step of a recorded moment. */
  readonly afterMs: number;
  /** Only the values that change in this step. */
  readonly host: Given;
  /** null: the guest is removed. */
  readonly guests: ReadonlyMap<string, Given | null>;
  /** null: nothing is checked after this step. */
  readonly expect: Expect | null;
}

/** The values of the host or a guest in a step. */
export interface Given {
  /** By field, oldest first. */
  readonly fields: ReadonlyMap<string, readonly FieldValue[]>;
  readonly props: Props;
  /** What fields had in every complete hour of the last days. */
  readonly past: ReadonlyMap<string, number>;
}

export const NOTHING_GIVEN: Given = { fields: new Map(), props: {}, past: new Map() };

export interface Expect {
  readonly line: number;
  readonly host: ReadonlyMap<string, Want>;
  readonly guests: ReadonlyMap<string, ReadonlyMap<string, Want>>;
  /** Whether entities that are not named may have controls. */
  readonly othersAny: boolean;
  readonly hostNamed: boolean;
  readonly errors: readonly { readonly guest: string | null; readonly message: string }[];
  readonly vars: Vars;
}

export interface Vars {
  readonly host: ReadonlyMap<string, PolicyScalar>;
  /** By the guest's name. */
  readonly guests: ReadonlyMap<string, ReadonlyMap<string, PolicyScalar>>;
}
