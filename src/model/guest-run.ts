import type { Props } from './snapshot.ts';

/**
 * Whether two samples are of one run of a guest: libvirt's id alone is not enough, because a libvirtd that was restarted
 * counts anew. What is unknown in one of the two, as in older recordings, is not compared.
 */
export function isSameRun(before: Props, now: Props): boolean {
  const valueOf = (props: Props, name: string) => props[name] ?? null;
  const isSame = (name: string): boolean => {
    const [old, current] = [valueOf(before, name), valueOf(now, name)];
    return old === null || current === null || old === current;
  };
  return valueOf(before, 'id') === valueOf(now, 'id') && isSame('pid') && isSame('started');
}
