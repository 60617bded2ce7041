/** The longest time between two attempts, as a setting. */
export const LONGEST_RETRY = {
  type: 'duration',
  default: '4h',
  min: '1s',
  max: '8760h',
  doc: 'The longest time between two attempts.',
} as const;

/** How long to wait after so many failures in a row, milliseconds: twice as long after each. */
export function backOff(
  failures: number,
  { retry, longest_retry }: { readonly retry: number; readonly longest_retry: number },
): number {
  return Math.min(longest_retry, retry * 2 ** Math.min(30, failures - 1));
}
