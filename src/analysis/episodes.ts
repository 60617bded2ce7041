import { excerpt, withoutNumbers } from '../model/text.ts';
import { inUnit } from '../tooling/explain/show.ts';
import { BALLOON_TARGET, type TimelineEvent } from '../tooling/timeline/event.ts';

/** What a write did: a balloon made a guest smaller or larger, or another control was set; or it was not done. */
export type Direction = 'taken' | 'given' | 'set' | 'failed';

/** Writes of one control that followed each other for the same reason: a guest is taken memory from in many small steps. */
export interface Episode {
  readonly control: string;
  readonly direction: Direction;
  /** The first and the last write, milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly writes: number;
  /** Before the first write and after the last one; null: unknown. */
  readonly from: unknown;
  readonly to: unknown;
  /** Who requested it: policy, the name of a guard, or Ballast. */
  readonly askedBy: string;
  /** Of the last write, and what became of it if it was not done. */
  readonly why: string;
  /** Position in the policy; '' if no policy requested it. */
  readonly position: string;
}

/** Characters of a reason. */
const WHY = 160;

/** Beyond it, time does not matter any more. */
const LONGEST_GAP_MS = 30 * 86_400_000;

/** The episodes of one guest, or of the host. Those that are close to each other are joined when there are too many. */
export class Episodes {
  readonly #most: number;
  #gapMs: number;
  #kept: { key: string; episode: Episode }[] = [];
  /** The last episode of each key. */
  readonly #open = new Map<string, number>();

  /**
   * @param most episodes that are kept, at least one for each {@link Direction}
   * @param gapMs writes with more time between them are episodes of their own
   */
  constructor(most: number, gapMs: number) {
    this.#most = most;
    this.#gapMs = gapMs;
  }

  /** Adds a write and returns what it did. */
  add(timeMs: number, event: TimelineEvent): Direction {
    const episode = episodeOf(timeMs, event);
    this.adopt(episode);
    return episode.direction;
  }

  /** Adds an episode after those that are there. */
  adopt(episode: Episode): void {
    this.#append(this.#gapMs === Infinity ? episode.direction : keyOf(episode), episode);
    while (this.#kept.length > this.#most) this.#join();
  }

  /** In the order of their first writes. */
  list(): readonly Episode[] {
    return this.#kept.map(({ episode }) => episode);
  }

  #append(key: string, episode: Episode): void {
    const at = this.#open.get(key);
    const last = at === undefined ? undefined : this.#kept[at]!.episode;
    // After a clock that was set back it is another one.
    const isNext = last !== undefined && episode.fromMs >= last.toMs && episode.fromMs - last.toMs <= this.#gapMs;
    if (last !== undefined && (isNext || this.#gapMs === Infinity)) {
      this.#kept[at!]!.episode = joined(last, episode);
      return;
    }
    this.#open.set(key, this.#kept.length);
    this.#kept.push({ key, episode });
  }

  #join(): void {
    this.#gapMs = this.#gapMs > LONGEST_GAP_MS ? Infinity : this.#gapMs * 2;
    const all = this.#kept;
    this.#kept = [];
    this.#open.clear();
    // With too many kinds, all that have one direction are joined.
    for (const { key, episode } of all) this.#append(this.#gapMs === Infinity ? episode.direction : key, episode);
  }
}

/** Joins the episodes of a list until there are at most so many. */
export function fewer(episodes: readonly Episode[], most: number): readonly Episode[] {
  if (episodes.length <= most) return episodes;
  const all = new Episodes(most, 1000);
  for (const episode of episodes) all.adopt(episode);
  return all.list();
}

function joined(first: Episode, last: Episode): Episode {
  return {
    ...last,
    ...{ fromMs: Math.min(first.fromMs, last.fromMs), toMs: Math.max(first.toMs, last.toMs) },
    ...{ from: first.from, writes: first.writes + last.writes },
    ...(first.control !== last.control && { control: 'several controls', from: null, to: null }),
  };
}

function keyOf({ control, direction, askedBy, why }: Episode): string {
  return [control, direction, askedBy, withoutNumbers(why)].join('\n');
}

function episodeOf(timeMs: number, event: TimelineEvent): Episode {
  const { control, from, to, change_kib: change, asked_by: askedBy, reason, position, status, detail, notes } = event;
  const isDone = status === 'done' || status === 'pending';
  const words = [
    ...(isDone ? [] : [status, ...(detail === null ? [] : [detail])]),
    ...(reason === null ? [] : [reason]),
    ...notes.slice(0, 2),
  ];
  return {
    ...{ control: excerpt(control), fromMs: timeMs, toMs: timeMs, writes: 1, from, to, askedBy: excerpt(askedBy) },
    direction: !isDone ? 'failed' : change === null || change === 0 ? 'set' : change < 0 ? 'taken' : 'given',
    why: excerpt(inUnit(excerpt(words.join('; '), 2 * WHY), control === BALLOON_TARGET ? 'KiB' : null), WHY),
    position: position === null ? '' : `${excerpt(position.file)}:${position.line}`,
  };
}
