/** [minute of the night, GiB]; between two of them in a straight line. */
type Course = readonly (readonly [minute: number, gib: number])[];
/** From one minute to another. */
type Span = readonly [from: number, to: number];

/** A guest of the night that the pictures show, and what happens to it. */
export interface GuestStory {
  readonly name: string;
  readonly maxGib: number;
  /** What of the host's memory it has when the night begins; its page cache grows up to that again. */
  readonly filledGib: number;
  /** What its programs use. */
  readonly uses: Course;
  /** It is being migrated. */
  readonly migrates?: Span;
  /** An operator pauses it, with this reason. */
  readonly paused?: { readonly span: Span; readonly reason: string };
  /** Its balloon driver hangs. */
  readonly deaf?: Span;
  /** Its memory stays with QEMU whatever the balloon takes, as with a passed-through device. */
  readonly pinned?: true;
  /** Its statistics cannot be true. */
  readonly lies?: Span;
}

/**
 * An hour at night on a host of 128 GiB that promises 136 GiB. At 02:40 a batch job begins, and the host becomes short. At 02:55 the
 * database needs the memory that its balloon has taken. The job ends at 03:08.
 */
export const GUESTS: readonly GuestStory[] = [
  { name: 'batch-1', maxGib: 64, filledGib: 5, uses: [[0, 4], [10, 4], [18, 41], [38, 41], [40, 5]] }, // prettier-ignore
  { name: 'build-1', maxGib: 8, filledGib: 8, uses: [[0, 3]], deaf: [12, 31] },
  { name: 'db-1', maxGib: 24, filledGib: 24, uses: [[0, 12], [24, 12], [24.08, 22], [44, 22], [46, 12]] }, // prettier-ignore
  { name: 'gpu-1', maxGib: 4, filledGib: 4, uses: [[0, 1]], pinned: true },
  { name: 'mail-1', maxGib: 8, filledGib: 8, uses: [[0, 3]], paused: { span: [18, 48], reason: 'backup' } },
  { name: 'test-1', maxGib: 4, filledGib: 4, uses: [[0, 1]], lies: [50, 53] },
  { name: 'web-1', maxGib: 12, filledGib: 12, uses: [[0, 3.5]] },
  { name: 'web-2', maxGib: 12, filledGib: 12, uses: [[0, 4]], migrates: [16, 30] },
];

export const HOST = { totalKib: 131_700_000, othersKib: 3 * 1024 ** 2 };

/** What happens to the host and its daemon, minutes. */
export const EVENTS = {
  /** Memory is reserved for a guest that is about to start, GiB. */
  reservation: { span: [33, 36], name: 'web-3', gib: 2 },
  /** libvirtd is restarted. */
  libvirtRestarts: 41,
  /** libvirt refuses one target. */
  refuses: 43,
  /** A policy with a mistake is in effect. */
  mistake: [51, 54],
} as const;

export const NIGHT_MINUTES = 60;

/** The value of a course at this minute. */
export function at(course: Course, minute: number): number {
  const next = course.findIndex(([from]) => from > minute);
  if (next < 0) return course.at(-1)![1];
  const [[fromMinute, from], [toMinute, to]] = [course[next - 1]!, course[next]!];
  return from + ((to - from) * (minute - fromMinute)) / (toMinute - fromMinute);
}

export function isWithin([from, to]: Span, minute: number): boolean {
  return minute >= from && minute < to;
}
