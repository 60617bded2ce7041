/** Limits that keep a policy from hanging or exhausting the daemon. Exceeding one is a normal policy error. */
export interface Limits {
  /** Length of one policy file, in UTF-16 units. */
  readonly sourceLength: number;
  /** Nesting depth of brackets. */
  readonly nesting: number;
  /** Characters of one number literal. */
  readonly numberLength: number;
  /** Errors reported per file; further ones are only counted. */
  readonly diagnostics: number;
  /** Steps of one file outside of guests' `with` bodies, and of the `with` body of one guest. */
  readonly steps: number;
  /** Additional steps per guest for one file. */
  readonly stepsPerGuest: number;
  /** Depth of nested calls. A function with a large body counts once for every 32 expressions in it. */
  readonly callDepth: number;
  /** Milliseconds for one file, measured by the caller's clock; without a clock only steps count. */
  readonly timeMs: number;
  /** UTF-16 units in one string. */
  readonly textLength: number;
  /** Values in one list. */
  readonly listLength: number;
  /** Nesting depth of lists that are compared, stored or returned. */
  readonly listDepth: number;
  /** Bits of an integer beyond the range of a double (created by `<<`). */
  readonly wholeNumberBits: number;
  /** Values and UTF-16 units in one `SetVar`, one `Control` or one result. */
  readonly storedSize: number;
  /** Variables stored per entity with `SetVar`. */
  readonly variablesPerEntity: number;
  /** Timers stored per entity for `held-for`, `every` and `cooldown`. */
  readonly timersPerEntity: number;
  /** Values and UTF-16 units that all variables and timers of the host and of all guests hold together, with their names. */
  readonly keptSize: number;
  /** Bytes of lists, texts, requests and errors of one evaluation, all files together; an estimate, see `run/meter.ts`. */
  readonly memoryBytes: number;
  /** UTF-16 units that leave one evaluation in requests, errors and `debug` lines, all files together. */
  readonly outputLength: number;
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
  keptSize: 1_048_576,
  memoryBytes: 67_108_864,
  outputLength: 4_194_304,
};

/** Parameters of a function, arguments of a call, bindings of a let. Not configurable: the JavaScript engine has a limit too. */
export const MAX_ARGUMENTS = 250;
