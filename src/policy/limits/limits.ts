/** The bounds that keep a policy from hanging or exhausting the daemon. Reaching one is an ordinary policy error. */
export interface Limits {
  /** Length of one policy file, in UTF-16 units. */
  readonly sourceLength: number;
  /** Brackets inside brackets in the text of a policy. */
  readonly nesting: number;
  /** Characters of one number literal. */
  readonly numberLength: number;
  /** Errors that are reported of one file's text; the rest is counted. */
  readonly diagnostics: number;
  /** Steps that one file may take outside of guests' `with` bodies, and that the `with` body of one guest may take. */
  readonly steps: number;
  /** What each guest of the input adds to the steps that one file may take in all. */
  readonly stepsPerGuest: number;
  /** Calls inside calls. A function with a large body counts once for every 32 expressions in it. */
  readonly callDepth: number;
  /** Milliseconds that one file may take, by the clock that the caller passes; without a clock only steps count. */
  readonly timeMs: number;
  /** UTF-16 units in one text. */
  readonly textLength: number;
  /** Values in one list. */
  readonly listLength: number;
  /** Lists inside lists, where a list is compared, stored or handed out. */
  readonly listDepth: number;
  /** Bits of a whole number past the range of a double (`<<` makes them). */
  readonly wholeNumberBits: number;
  /** Values and UTF-16 units in what one `SetVar`, one `Control` or one result hands out. */
  readonly storedSize: number;
  /** Variables that `SetVar` keeps of one entity. */
  readonly variablesPerEntity: number;
  /** Times that `held-for`, `every` and `cooldown` keep of one entity. */
  readonly timersPerEntity: number;
}

export const DEFAULT_LIMITS: Limits = {
  sourceLength: 262_144,
  nesting: 200,
  numberLength: 64,
  diagnostics: 50,
  steps: 1_000_000,
  stepsPerGuest: 10_000,
  callDepth: 1_000,
  timeMs: 2_000,
  textLength: 65_536,
  listLength: 100_000,
  listDepth: 100,
  wholeNumberBits: 4_096,
  storedSize: 65_536,
  variablesPerEntity: 256,
  timersPerEntity: 256,
};

/** Parameters of a function, arguments of a call, bindings of a let. Not a setting: the machine that runs the compiled code has a limit of its own. */
export const MAX_ARGUMENTS = 250;
