/** Exit codes of `ballast`. Scripts and service managers rely on them. */
export const EXIT = {
  ok: 0,
  /** The command finished and found problems: a policy with errors, a damaged recording. */
  problems: 1,
  /** The command line, the config or another input file is invalid or missing: nothing was done. */
  usage: 2,
  /** A defect in Ballast; the stack trace is on standard error. */
  defect: 3,
} as const;
