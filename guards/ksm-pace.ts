import {
  ADVISOR_MAX_PAGES,
  ADVISOR_MODE,
  MERGE,
  NO_ADVISOR,
  PAGES_AFTER_ADVISOR,
  PAGES_TO_SCAN,
  RUN,
  SLEEP_MILLISECS,
  type KsmKnob,
} from '../src/host/ksm-knobs.ts';
import type { GuardedRequest } from '../src/model/decision.ts';
import { defineGuard, type Ruling } from '../src/plugin/guard.ts';
import type { SettingsOf } from '../src/plugin/settings.ts';
import { ksmRequests, ksmState, lastFor, type KsmRequest, type KsmState } from './support/ksm-state.ts';
import { hold } from './support/rulings.ts';

const KEYS = {
  enabled: { type: 'flag', default: true, doc: '`false`: ksmd may scan without a pause, and keep a CPU busy.' },
  min_sleep: {
    type: 'duration',
    default: '10ms',
    min: '1ms',
    max: '10s',
    doc: 'How long ksmd sleeps at least between two scans. Below 10 ms, the least that ksmtuned sets, it keeps a CPU nearly always busy.',
  },
  min_pages: {
    type: 'integer',
    default: 64,
    min: 0,
    max: 1_000_000,
    doc: "So many pages may be scanned after a shorter sleep, but not without any: the least that ksmtuned scans. ksmd's CPU time is then small.",
  },
} as const;

type Settings = SettingsOf<typeof KEYS>;

/** What ksmd does, by its knobs. */
interface Pace {
  readonly sleepMs: number;
  /** At most, when the kernel's advisor sets them. */
  readonly pages: number;
}

/**
 * Sleep and pages limit each other, whichever of them a request changes. The sleep is raised: in its own request, or in one
 * that is added to the others. Where that is held back, as for another writer of KSM, what would make ksmd too fast is too.
 * As long as nobody requests anything of KSM, its settings are the administrator's.
 */
export const ksmPace = defineGuard({
  name: 'ksm-pace',
  doc: 'Keeps ksmd from scanning without a pause: it sleeps at least 10 ms between scans of more than 64 pages',
  settings: {
    key: 'ksm_pace',
    doc: 'How fast ksmd may scan, whatever it costs; `ksm_cpu` limits the CPU time that it really takes.',
    keys: KEYS,
  },

  relieve(requests, input, settings) {
    if (!settings.enabled) return [];
    const state = ksmState(input);
    const now = paceNow(state);
    const own = ksmRequests(requests).filter(({ knob, value }) => knob !== RUN || value === MERGE);
    if (now === null || own.length === 0 || lastFor(own, SLEEP_MILLISECS.name) !== undefined) return [];
    const { sleepMs, pages } = paceNext(state, now, own);
    const least = leastSleepMs(pages, settings);
    return sleepMs >= least
      ? []
      : [
          {
            name: SLEEP_MILLISECS.name,
            guest: null,
            value: least,
            reason: `is ${sleepMs}: ${whySleep(pages, least, settings)}`,
          },
        ];
  },

  beforePlan(requests, input, settings) {
    const rulings = new Map<GuardedRequest, Ruling>();
    if (!settings.enabled) return rulings;
    const state = ksmState(input);
    const now = paceNow(state);
    // Without KSM, ksm-limits holds everything back.
    if (now === null) return rulings;
    const own = ksmRequests(requests);
    if (own.length === 0) return rulings;
    const next = paceNext(state, now, own);
    const sleep = lastFor(own, SLEEP_MILLISECS.name);
    if (sleep === undefined) {
      const pages = limitPages(rulings, own, { now, next, state }, settings);
      holdStart(rulings, own, { sleepMs: now.sleepMs, pages }, state, settings);
      return rulings;
    }
    const least = leastSleepMs(next.pages, settings);
    for (const { request, knob, value } of own) {
      if (knob !== SLEEP_MILLISECS || typeof value !== 'number' || value >= least) continue;
      const why = whySleep(next.pages, least, settings);
      rulings.set(request, { kind: 'change', value: least, notes: [`raised from ${value} to ${least}: ${why}`] });
    }
    return rulings;
  },
});

/** null while a value is unknown. */
function paceNow(state: KsmState): Pace | null {
  const sleepMs = state.number(SLEEP_MILLISECS.name);
  const pages = state.number(isAdvised(state.value(ADVISOR_MODE.name)) ? ADVISOR_MAX_PAGES.name : PAGES_TO_SCAN.name);
  return sleepMs === null || pages === null ? null : { sleepMs, pages };
}

function isAdvised(mode: unknown): boolean {
  return typeof mode === 'string' && mode !== NO_ADVISOR;
}

function paceNext(state: KsmState, now: Pace, own: readonly KsmRequest[]): Pace {
  const wanted = ({ name }: KsmKnob): number | null => {
    const value = lastFor(own, name)?.value;
    return typeof value === 'number' ? value : null;
  };
  const sleepMs = wanted(SLEEP_MILLISECS) ?? now.sleepMs;
  const mode = state.value(ADVISOR_MODE.name);
  if (isAdvised(lastFor(own, ADVISOR_MODE.name)?.value ?? mode))
    return { sleepMs, pages: wanted(ADVISOR_MAX_PAGES) ?? state.number(ADVISOR_MAX_PAGES.name) ?? Infinity };
  return { sleepMs, pages: wanted(PAGES_TO_SCAN) ?? (isAdvised(mode) ? PAGES_AFTER_ADVISOR : now.pages) };
}

/** The least sleep for scans of so many pages. Without any, ksmd never leaves its CPU, even when it scans nothing. */
function leastSleepMs(pages: number, settings: Settings): number {
  return pages > settings.min_pages ? settings.min_sleep : 1;
}

function whySleep(pages: number, leastMs: number, { min_pages: most }: Settings): string {
  return pages > most
    ? `ksmd sleeps at least ${leastMs} ms between scans of more than ${most} pages (here ${pages})`
    : 'without sleep, ksmd keeps a CPU always busy';
}

interface Paces {
  readonly now: Pace;
  readonly next: Pace;
  readonly state: KsmState;
}

/** Limits requests for more pages while the sleep stays too short. @returns the pages that ksmd then scans at most */
function limitPages(
  rulings: Map<GuardedRequest, Ruling>,
  own: readonly KsmRequest[],
  { now, next, state }: Paces,
  settings: Settings,
): number {
  const { min_pages: most, min_sleep: least } = settings;
  if (now.sleepMs >= least || next.pages <= Math.max(most, now.pages)) return next.pages;
  const why =
    `ksmd sleeps only ${now.sleepMs} ms, and scans more than ${most} pages only after ${least} ms; ` +
    `request ${SLEEP_MILLISECS.name} ${least} with it`;
  const wasAdvised = isAdvised(state.value(ADVISOR_MODE.name));
  for (const { request, knob, value } of own) {
    const turns = knob === ADVISOR_MODE && isAdvised(value) !== wasAdvised;
    const current = state.number(knob.name) ?? 0;
    const isMore = (knob === PAGES_TO_SCAN || knob === ADVISOR_MAX_PAGES) && Number(value) > Math.max(most, current);
    if (turns || (isMore && current >= most)) rulings.set(request, hold(why));
    else if (isMore)
      rulings.set(request, { kind: 'change', value: most, notes: [`lowered from ${value} to ${most}: ${why}`] });
  }
  return Math.max(most, now.pages);
}

/** Does not start ksmd with a pace that somebody else has left behind. */
function holdStart(
  rulings: Map<GuardedRequest, Ruling>,
  own: readonly KsmRequest[],
  { sleepMs, pages }: Pace,
  state: KsmState,
  settings: Settings,
): void {
  const least = leastSleepMs(pages, settings);
  if (sleepMs >= least || state.number(RUN.name) === MERGE) return;
  for (const { request, knob, value } of own) {
    if (knob !== RUN || value !== MERGE) continue;
    const why = `ksmd would sleep only ${sleepMs} ms between scans of ${pages} pages; request ${SLEEP_MILLISECS.name} ${least} with it`;
    rulings.set(request, hold(why));
  }
}
