import type { PlacedOverride } from '../../parameters/group.ts';
import type { PolicyScalar } from '../../model/control.ts';
import type { FieldValue } from '../../model/field.ts';
import type { Props } from '../../model/snapshot.ts';
import type { Want } from './want.ts';

/** A policy test file, read and found right. */
export interface Suite {
  readonly file: string;
  /** As the file names them; relative to it. */
  readonly policies: readonly string[];
  readonly cases: readonly TestCase[];
}

export interface TestCase {
  readonly name: string;
  /** From 1, in the test file. */
  readonly line: number;
  /** What is set for the parameters of the policy; of two for the same the first counts. */
  readonly params: readonly PlacedOverride[];
  /** Samples that are kept; a recording has its own number. */
  readonly history: number;
  readonly vars: Vars;
  /** The moment of a recording that host and guests are from; null: they are in the steps. */
  readonly recording: { readonly file: string; readonly at: string } | null;
  /** Evaluations in a row; of a case over a recording the first is of that moment. */
  readonly steps: readonly Step[];
}

export interface Step {
  /** Milliseconds since the step before; of the first since the sample before it, except at a moment of a recording, which has its time. */
  readonly afterMs: number;
  /** Only what this step says; the rest stays as it was. */
  readonly host: Given;
  /** null: the guest is taken away. */
  readonly guests: ReadonlyMap<string, Given | null>;
  /** null: nothing is checked after this step. */
  readonly expect: Expect | null;
}

/** What a step says of the host or of a guest. */
export interface Given {
  /** By field, oldest first. */
  readonly fields: ReadonlyMap<string, readonly FieldValue[]>;
  readonly props: Props;
}

export interface Expect {
  readonly line: number;
  readonly host: ReadonlyMap<string, Want>;
  readonly guests: ReadonlyMap<string, ReadonlyMap<string, Want>>;
  /** Whether hosts and guests that are not named may have controls. */
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
