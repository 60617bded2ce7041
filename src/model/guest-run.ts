import type { Props } from './snapshot.ts';

/**
 * Whether two samples are of one run of a guest: libvirt's id alone is not enough, because a libvirtd that was restarted
 * counts anew. What is unknown in one of the two, as in older recordings, is not compared.
 */
export function isSameRun(before: Props, now: Props): boolean {
  // No function inside: this runs for each guest of each interval.
  return (
    before === now ||
    ((before['id'] ?? null) === (now['id'] ?? null) &&
      mayBeSame(before['pid'], now['pid']) &&
      mayBeSame(before['started'], now['started']))
  );
}

function mayBeSame(before: Props[string] | undefined, now: Props[string] | undefined): boolean {
  return before === now || (before ?? null) === null || (now ?? null) === null;
}
