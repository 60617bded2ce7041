import type { GuardedRequest } from '../src/model/decision.ts';
import { durationText } from '../src/model/duration-text.ts';
import { safeGuestName } from '../src/model/guest-name.ts';
import { fieldOf, numberOf } from '../src/model/sample.ts';
import { defineGuard, type Relief, type Ruling } from '../src/plugin/guard.ts';
import type { GuardState } from '../src/plugin/recollection.ts';
import type { SettingsOf } from '../src/plugin/settings.ts';
import { balloonHistory } from './memory/balloons.ts';
import { emergencyState, isLate } from './memory/emergency.ts';
import { isInPain, PAIN, painHistory, rememberedKib, type PainHistory } from './memory/pain.ts';
import { balloonRequests, BALLOON_TARGET } from './support/balloon-requests.ts';
import { donations } from './support/donors.ts';
import { patientIn, type Patient } from './support/patients.ts';
import { canBalloon, figuresIn, type Figures } from './support/figures.ts';
import { hold, raised, sizeText } from './support/rulings.ts';
import { sizeWithRoom } from './support/room.ts';
import { fairShares } from './support/shares.ts';
import { isRescue } from './support/rescue.ts';
import { spareOf } from './support/spare.ts';
import { memoryOf } from './support/per-guest.ts';

type Settings = SettingsOf<(typeof PAIN)['keys']>;

/**
 * Guests that lack memory. They are not shrunk, and they get relief without waiting for the policy: what they need, or all of their
 * balloon when the host has plenty; where the host has nothing, other guests give what they can spare.
 */
export const pain = defineGuard({
  name: 'pain',
  doc: 'Gives memory to guests that swap, stall, fault or run out of it, before anybody else gets any, and shrinks none of them',
  settings: PAIN,
  recalls: [painHistory, balloonHistory, emergencyState],

  relieve(requests, input, settings, state): readonly Relief[] {
    if (!settings.enabled) return [];
    const patients: Patient[] = [];
    for (let at = 0; at < input.guests.length; at++) {
      const patient = patientIn(at, input, state);
      if (patient !== null) patients.push(patient);
    }
    if (patients.length === 0) return [];
    const spare = spareOf(input, state);
    const missing = (of: (patient: Patient) => number, among = patients): number =>
      among.reduce((sum, patient) => sum + Math.max(0, of(patient) - patient.hasKib), 0);
    const ordinaryKib = numberOf(input.hostLayout, input.host.samples, 'mem_ordinary') ?? 0;
    const hasPlenty =
      spare !== null && missing(({ maxKib }) => maxKib) <= spare.spareKib - settings.plenty * ordinaryKib;
    const wanted = new Map(balloonRequests(requests, input).map(({ view, wantedKib }) => [view.uuid, wantedKib]));
    const relief = patients.flatMap(({ view: { name, uuid }, maxKib, hasKib, needsKib, why }): readonly Relief[] => {
      const toKib = hasPlenty ? maxKib : needsKib;
      // The policy gives it as much.
      if (toKib <= Math.max(hasKib, wanted.get(uuid) ?? 0)) return [];
      return [{ name: BALLOON_TARGET, guest: { name, uuid }, value: toKib, reason: `relief: ${why}` }];
    });
    // Others give up to the fair share of those in pain: nobody's need, true or not, is worth more than that to them.
    const shares = fairShares(input);
    const fairKib = ({ view, needsKib }: Patient): number => Math.min(needsKib, shares?.(view.uuid) ?? needsKib);
    const suffering = patients.filter(({ isForeseen }) => !isForeseen);
    const lackingKib = missing(fairKib, suffering) - Math.max(0, spare?.spareKib ?? 0);
    if (lackingKib <= 0) return relief;
    const names = suffering.map(({ view }) => safeGuestName(view.name)).slice(0, 3).join(', '); // prettier-ignore
    return [
      ...relief,
      ...donations([...requests, ...relief.map(asRequest)], lackingKib, input, state).map(({ guest, toKib }) => ({
        name: BALLOON_TARGET,
        guest,
        value: toKib,
        reason: `it can spare this for guests in pain (${names}), and the host lacks ${sizeText(lackingKib)}`,
      })),
    ];
  },

  verdicts: {
    pain_age(uuid, state) {
      const sign = memoryOf(state.recall(painHistory), uuid)?.sign ?? null;
      return sign === null ? null : (state.steadyMs - sign.atMs) / 1000;
    },
  },

  /** Guests that a burst can hurt before anybody sees it. */
  conditions(input) {
    const { guestLayout } = input;
    if (!guestLayout.index.has('autodeflate')) return [];
    const lacking = input.guests.filter(
      (view) => fieldOf(guestLayout, view.samples, 'autodeflate') === false && canBalloon(view, guestLayout),
    );
    if (lacking.length === 0) return [];
    const names = lacking.slice(0, NAMES).map(({ name }) => safeGuestName(name)).join(', '); // prettier-ignore
    const more = lacking.length > NAMES ? ' and others' : '';
    return [
      {
        guest: null,
        key: 'autodeflate',
        level: 'info' as const,
        text: `${lacking.length === 1 ? '1 guest lacks' : `${lacking.length} guests lack`} autodeflate="on" in <memballoon>, so a sudden burst can end processes in them before Ballast sees it: ${names}${more}`,
      },
    ];
  },

  beforePlan(requests, input, settings, state) {
    const rulings = new Map<GuardedRequest, Ruling>();
    if (!settings.enabled) return rulings;
    const history = state.recall(painHistory);
    const wanted = balloonRequests(requests, input);
    const rescues = wanted.length > 0 && isRescue(input, state);
    for (const { request, view, at, wantedKib } of wanted) {
      const figures = figuresIn(input)[at] ?? null;
      const ruling = rulingOn(figures, wantedKib, memoryOf(history, view.uuid), settings, state, rescues);
      if (ruling !== null) rulings.set(request, ruling);
    }
    return rulings;
  },
});

const NAMES = 10;

function asRequest(relief: Relief): GuardedRequest {
  return { ...relief, position: null, asked: relief.value, notes: [] };
}

function rulingOn(
  figures: Figures | null,
  wantedKib: number,
  history: PainHistory | null,
  settings: Settings,
  state: GuardState,
  rescues: boolean,
): Ruling | null {
  if (figures === null || wantedKib >= figures.curKib) return null;
  const { steadyMs } = state;
  const sign = history?.sign ?? null;
  if (sign !== null && isInPain(history, steadyMs, settings.lasting))
    return hold(`the guest was in pain ${durationText(steadyMs - sign.atMs)} ago: ${sign.text}`);
  const limits = [
    rescues ? null : remembered(history, steadyMs, settings),
    ...(isLate(state.recall(emergencyState)) ? [] : [roomy(figures, settings)]),
  ];
  const [highest] = limits.filter((limit) => limit !== null).sort((one, other) => other.kib - one.kib);
  if (highest === undefined || wantedKib >= highest.kib) return null;
  return highest.kib >= figures.curKib ? hold(highest.why) : raised(wantedKib, highest.kib, highest.why);
}

interface Limit {
  readonly kib: number;
  readonly why: string;
}

/** The size that a guest keeps because it was in pain with less. */
function remembered(history: PainHistory | null, steadyMs: number, settings: Settings): Limit | null {
  const kib = rememberedKib(history, steadyMs, settings);
  if (history === null || history.sign === null || kib === 0) return null;
  const { neededKib, neededMs, sign } = history;
  const why = `it was in pain with ${neededKib} ${durationText(steadyMs - neededMs)} ago (${sign.text})`;
  return { kib, why };
}

/** The size that leaves a guest twice what would call for relief: taking and relief must not take turns. */
function roomy({ usedKib }: Figures, { low }: Settings): Limit | null {
  if (usedKib === null || low === 0) return null;
  const room = Math.min(0.5, 2 * low);
  const kib = Math.ceil(sizeWithRoom(usedKib, room));
  return { kib, why: `it uses ${sizeText(usedKib)}, and ${Math.round(room * 100)} % of its size must stay usable` };
}
