import {
  ADVISOR_MAX_CPU,
  ADVISOR_MAX_PAGES,
  ADVISOR_MIN_PAGES,
  ADVISOR_MODE,
  ADVISOR_TARGET_SCAN_TIME,
  MERGE,
  NO_ADVISOR,
  PAGES_TO_SCAN,
  RUN,
  SLEEP_MILLISECS,
} from '../src/host/ksm-knobs.ts';
import type { GuardedRequest } from '../src/model/decision.ts';
import { defineGuard, type Ruling } from '../src/plugin/guard.ts';
import type { SettingsOf } from '../src/plugin/settings.ts';
import { ksmdUsage, rateWithin, type Usage } from './support/ksmd-usage.ts';
import { ksmRequests, ksmState, lastFor, type KsmRequest, type KsmState } from './support/ksm-state.ts';
import { hold, lowered, raised as raisedTo } from './support/rulings.ts';

const KEYS = {
  enabled: { type: 'flag', default: true, doc: '`false`: ksmd may use a whole CPU.' },
  max: {
    type: 'ratio',
    default: '50%',
    doc: "The most of one CPU that ksmd may use. ksmtuned's most, 1250 pages each 10 ms, needs about a third of a CPU, more where pages are compared in vain; the rest is for the guests.",
  },
  samples: {
    type: 'integer',
    default: 3,
    min: 1,
    max: 100,
    doc: 'So many samples with the current settings are averaged: one scan of much new memory is no reason to slow down.',
  },
} as const;

type Settings = SettingsOf<typeof KEYS>;

/** No change for less than this share of a value: the measured time varies, and each move is logged. */
const DEAD_BAND = 0.1;

/** What a page is taken to cost before it is known, milliseconds: between one that is skipped (0.001) and one that is merged. */
const ASSUMED_PAGE_MS = 0.005;

/** A scan may become so much faster in one interval, where that is more than what the assumed cost allows: costs change. */
const LARGEST_FACTOR = 2;

/** Values that fit exactly must not be cut by the last bit of a division. */
const ROUNDING = 1e-6;

/** The longest sleep that is requested, milliseconds. */
const LONGEST_SLEEP_MS = 60_000;

/**
 * What a request would cost is estimated from what ksmd used. Requests that keep ksmd above the limit are lowered, not only
 * those that scan more: a policy that requests the same pages for ever would otherwise stay above. Settings that nobody requests
 * are left alone, and ksmd may always be started. What a page costs changes within seconds by a factor of ten, so ksmd is above
 * the limit for some samples when the pages that it meets become dearer.
 */
export const ksmCpu = defineGuard({
  name: 'ksm-cpu',
  doc: 'Limits the CPU time of ksmd: scales requests down that would need more, by what its scans were measured to cost',
  settings: { key: 'ksm_cpu', doc: 'How much CPU time KSM may cost, whatever the policy requests.', keys: KEYS },

  beforePlan(requests, input, settings) {
    const rulings = new Map<GuardedRequest, Ruling>();
    if (!settings.enabled || settings.max >= 1) return rulings;
    const own = ksmRequests(requests);
    if (own.length === 0) return rulings;
    const state = ksmState(input);
    limitAdvisor(rulings, own, settings);
    const usage = ksmdUsage(input, settings.samples);
    const before = state.value(ADVISOR_MODE.name) ?? NO_ADVISOR;
    const after = lastFor(own, ADVISOR_MODE.name)?.value ?? before;
    if (usage === null) {
      if (after === NO_ADVISOR && state.number(RUN.name) !== MERGE) limitStart(rulings, own, state, settings);
    } else if (after !== NO_ADVISOR) holdFasterAdvice(rulings, own, usage, state, settings);
    // Turning the advisor off resets the pages, and what they cost is not known before the next samples.
    else if (before === NO_ADVISOR) limitPace(rulings, own, usage, settings);
    return rulings;
  },
});

/** The kernel's advisor has a limit of its own, which it keeps by itself. */
function limitAdvisor(rulings: Map<GuardedRequest, Ruling>, own: readonly KsmRequest[], { max }: Settings): void {
  const most = Math.floor(max * 100);
  for (const { request, knob, value } of own) {
    if (knob !== ADVISOR_MAX_CPU || typeof value !== 'number' || value <= most) continue;
    const notes = [`lowered from ${value} to ${most}: the most of one CPU that ksmd may use, %`];
    rulings.set(request, { kind: 'change', value: most, notes });
  }
}

/** While the advisor sets the pages, their cost says little: above the limit, nothing may make it faster. */
function holdFasterAdvice(
  rulings: Map<GuardedRequest, Ruling>,
  own: readonly KsmRequest[],
  usage: Usage,
  state: KsmState,
  settings: Settings,
): void {
  if (usage.share <= settings.max) return;
  for (const { request, knob, value } of own) {
    const current = state.value(knob.name);
    const faster =
      knob === ADVISOR_MODE
        ? value !== current
        : knob === SLEEP_MILLISECS || knob === ADVISOR_TARGET_SCAN_TIME
          ? Number(value) < Number(current)
          : (knob === ADVISOR_MAX_PAGES || knob === ADVISOR_MIN_PAGES || knob === ADVISOR_MAX_CPU) &&
            Number(value) > Number(current);
    if (faster) rulings.set(request, hold(usedText(usage, settings)));
  }
}

/** While ksmd does not run, its pages are limited by their assumed cost. */
function limitStart(
  rulings: Map<GuardedRequest, Ruling>,
  own: readonly KsmRequest[],
  state: KsmState,
  { max }: Settings,
): void {
  const pages = lastFor(own, PAGES_TO_SCAN.name);
  const [current, sleepMs] = [state.number(PAGES_TO_SCAN.name), state.number(SLEEP_MILLISECS.name)];
  if (pages === undefined || current === null || sleepMs === null) return;
  const nextSleepMs = Math.max(0, Number(lastFor(own, SLEEP_MILLISECS.name)?.value ?? sleepMs));
  const most = Math.max(current, pagesFor(rateWithin(max, ASSUMED_PAGE_MS), nextSleepMs));
  const wanted = Number(pages.value);
  const why = 'more only when it is known what they cost';
  if (wanted > most) rulings.set(pages.request, lowered(wanted, most, why));
}

function limitPace(
  rulings: Map<GuardedRequest, Ruling>,
  own: readonly KsmRequest[],
  usage: Usage,
  settings: Settings,
): void {
  const { max } = settings;
  const [pages, sleep] = [lastFor(own, PAGES_TO_SCAN.name), lastFor(own, SLEEP_MILLISECS.name)];
  const wantedPages = Number(pages?.value ?? usage.pages);
  const wantedSleepMs = Math.max(0, Number(sleep?.value ?? usage.sleepMs));
  const rate = usage.pages / Math.max(1, usage.sleepMs);
  const isFaster = wantedPages > rate * wantedSleepMs;
  const fits = rateWithin(max, usage.pageMs);
  // A raise must fit at the worst cost known, but what fits now need not be given up for it.
  const step = Math.max(rateWithin(max, ASSUMED_PAGE_MS), rate * LARGEST_FACTOR);
  const raised = Math.min(fits, step, Math.max(rateWithin(max, usage.worstPageMs), rate));
  const most = isFaster ? raised : fits;
  if (wantedPages <= pagesFor(most, wantedSleepMs)) return;
  if (!isFaster && usage.share <= max * (1 + DEAD_BAND)) return;
  const why = usedText(usage, settings);
  const rule = (request: GuardedRequest, from: number, current: number, to: number) => {
    const stays = wantedSleepMs === usage.sleepMs || pages === undefined;
    if (isFaster && stays && Math.abs(to - current) <= current * DEAD_BAND) rulings.set(request, hold(why));
    else if (to !== from) rulings.set(request, to < from ? lowered(from, to, why) : raisedTo(from, to, why));
  };
  if (pages !== undefined) rule(pages.request, wantedPages, usage.pages, pagesFor(most, wantedSleepMs));
  else if (sleep !== undefined) {
    const leastMs = Math.min(LONGEST_SLEEP_MS, Math.ceil(usage.pages / most - ROUNDING));
    rule(sleep.request, wantedSleepMs, usage.sleepMs, Math.max(wantedSleepMs, leastMs));
  }
}

/** At least 1: ksmd is not stopped. */
function pagesFor(rate: number, sleepMs: number): number {
  return rate === Infinity ? Infinity : Math.max(1, Math.floor(rate * sleepMs + ROUNDING));
}

function usedText({ share, samples, pages, sleepMs }: Usage, { max }: Settings): string {
  const percent = (ratio: number) => Math.round(ratio * 1000) / 10;
  return (
    `ksmd used ${percent(share)} % of a CPU in the last ${samples === 1 ? 'sample' : `${samples} samples`}, ` +
    `with ${pages} pages each ${sleepMs} ms (limit ${percent(max)} %)`
  );
}
