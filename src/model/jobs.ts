/**
 * Jobs of libvirt during which a change of the guest's balloon waits for the job's lock and then fails, each in words that
 * follow the guest's name. They are asynchronous jobs that admit only queries. `backup` is missing: libvirt permits changes
 * while it runs, and it can take hours.
 */
const BLOCKING: Readonly<Record<string, string>> = {
  start: 'is being started',
  save: 'is being saved',
  restore: 'is being restored',
  'incoming migration': 'is being received from another host',
  migration: 'is being migrated',
  snapshot: 'is part of a snapshot that is being taken',
  'snapshot revert': 'is being set back to a snapshot',
  dump: 'is being dumped',
  'snapshot delete': 'has a snapshot that is being deleted',
  unknown: 'has a job that libvirt does not name',
};

/** Jobs that admit a change of the balloon. */
const HARMLESS: ReadonlySet<string> = new Set(['none', 'backup']);

/**
 * What a job does with the guest, when a change of its balloon would wait for it; null: nothing would.
 * @param job the field `job`; null: unknown, and thus no reason to leave a guest alone for good
 */
export function blockingJob(job: unknown): string | null {
  if (typeof job !== 'string' || HARMLESS.has(job)) return null;
  return Object.hasOwn(BLOCKING, job) ? BLOCKING[job]! : `has the job "${job}"`;
}
