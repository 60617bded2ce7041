import {
  ADVISOR_MAX_CPU,
  ADVISOR_MAX_PAGES,
  ADVISOR_MIN_PAGES,
  ADVISOR_MODE,
  ADVISOR_TARGET_SCAN_TIME,
  NO_ADVISOR,
  PAGES_TO_SCAN,
  SLEEP_MILLISECS,
} from '../src/host/ksm-knobs.ts';
import type { GuardedRequest } from '../src/model/decision.ts';
import { defineGuard, type Ruling } from '../src/plugin/guard.ts';
import type { SettingsOf } from '../src/plugin/settings.ts';
import { ksmdUsage, pagesWithin, sleepWithin, type Usage } from './support/ksmd-usage.ts';
import { ksmRequests, ksmState, lastFor, type KsmRequest, type KsmState } from './support/ksm-state.ts';
import { hold } from './support/rulings.ts';

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

/**
 * What a request would cost is estimated from what ksmd used with the current settings. Requests that keep ksmd above the
 * limit are lowered, not only those that scan more: a policy that requests the same pages for ever would otherwise stay
 * above. Settings that no policy requests are left alone, and starting ksmd is always allowed: nothing is measured before.
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
    if (usage === null) return rulings;
    const before = state.value(ADVISOR_MODE.name) ?? NO_ADVISOR;
    const after = lastFor(own, ADVISOR_MODE.name)?.value ?? before;
    if (after !== NO_ADVISOR) holdFasterAdvice(rulings, own, usage, state, settings);
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

function limitPace(
  rulings: Map<GuardedRequest, Ruling>,
  own: readonly KsmRequest[],
  usage: Usage,
  settings: Settings,
): void {
  const [pages, sleep] = [lastFor(own, PAGES_TO_SCAN.name), lastFor(own, SLEEP_MILLISECS.name)];
  const wanted = {
    pages: Number(pages?.value ?? usage.pages),
    sleepMs: Math.max(0, Number(sleep?.value ?? usage.sleepMs)),
  };
  const fits = pagesWithin(settings.max, usage, wanted.sleepMs);
  if (wanted.pages <= fits) return;
  const isFaster = wanted.pages * usage.sleepMs > usage.pages * wanted.sleepMs;
  if (!isFaster && usage.share <= settings.max * (1 + DEAD_BAND)) return;
  const rule = (request: GuardedRequest, from: number, current: number, to: number) => {
    const why = usedText(usage, settings);
    const stays = wanted.sleepMs === usage.sleepMs || request.name === SLEEP_MILLISECS.name;
    if (isFaster && stays && Math.abs(to - current) <= current * DEAD_BAND) rulings.set(request, hold(why));
    else {
      const notes = [`${to < from ? 'lowered' : 'raised'} from ${from} to ${to}: ${why}`];
      rulings.set(request, { kind: 'change', value: to, notes });
    }
  };
  if (pages !== undefined) rule(pages.request, wanted.pages, usage.pages, fits);
  else if (sleep !== undefined)
    rule(sleep.request, wanted.sleepMs, usage.sleepMs, sleepWithin(settings.max, usage, wanted.pages));
}

function usedText({ share, samples, pages, sleepMs }: Usage, { max }: Settings): string {
  const percent = (ratio: number) => Math.round(ratio * 1000) / 10;
  return (
    `ksmd used ${percent(share)} % of a CPU in the last ${samples === 1 ? 'sample' : `${samples} samples`}, ` +
    `with ${pages} pages each ${sleepMs} ms (limit ${percent(max)} %)`
  );
}
