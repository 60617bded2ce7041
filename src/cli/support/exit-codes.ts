/** What the exit code of `ballast` means. Scripts and service managers rely on it. */
export const EXIT = {
  ok: 0,
  /** The work was done and found something wrong: a policy with errors, a recording that is damaged. */
  problems: 1,
  /** The command, the config or a file it names is wrong, or not there: nothing was done with it. */
  usage: 2,
  /** A defect in Ballast; its stack is on standard error. */
  defect: 3,
} as const;
