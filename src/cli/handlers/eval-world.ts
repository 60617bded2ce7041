import { layoutOf } from '../../model/field.ts';
import { EMPTY_MEMORY, type PolicyMemory } from '../../model/memory.ts';
import type { PolicyInput } from '../../model/snapshot.ts';
import type { Diagnostic, LoadOptions, ParamResolver, PolicySource, Program } from '../../policy/index.ts';

/** What expressions are evaluated with. */
export interface World {
  /** Come before the expressions in their program; they load without errors. */
  readonly before: readonly PolicySource[];
  /** What it is, for the beginning of a prompt; null: nothing to say. */
  readonly about: string | null;
  /** How many results `before` has. */
  readonly results: number;
  readonly load: LoadOptions;
  /** Where a field was read that the samples lack. */
  readonly unknownFieldHint: string;
  /** Where `vm` was read and is no guest. */
  readonly unboundGuestHint: string;
  /** What to say where an expression reads a variable that nobody can have set; null: nothing. */
  readonly withoutVariables: string | null;
  /** Host and guests, with all samples that the program looks back on. @throws RecordingError */
  momentFor(program: Program): Promise<EvalMoment>;
  /** Whether it is an error of `before`, which was shown. */
  isKnown(diagnostic: Diagnostic): boolean;
}

export interface EvalMoment {
  readonly input: PolicyInput;
  readonly memory: PolicyMemory;
  /** null: every parameter has its default. */
  readonly params: ParamResolver | null;
}

const NO_FIELDS = layoutOf([]);
const EMPTY_INPUT: PolicyInput = {
  timeMs: 0,
  hostLayout: NO_FIELDS,
  guestLayout: NO_FIELDS,
  host: { props: {}, samples: [], times: [] },
  guests: [],
};

/** No statistics and no guests. Names are not checked before they are evaluated. */
export const EMPTY_WORLD: World = {
  before: [],
  about: null,
  results: 0,
  load: {},
  unknownFieldHint:
    'eval has no host or guests; --recording FILE --at TIME gives it those of a recording, and ballast replay or ballast test evaluates with statistics too',
  unboundGuestHint: '--recording FILE --at TIME --guest NAME makes vm a guest of a recording',
  withoutVariables: null,
  momentFor: () => Promise.resolve({ input: EMPTY_INPUT, memory: EMPTY_MEMORY, params: null }),
  isKnown: () => false,
};
