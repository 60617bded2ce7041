import { balloon } from '../../controllers/balloon.ts';
import { ksm } from '../../controllers/ksm.ts';
import { guards } from '../../guards/index.ts';
import { builtinPlugins } from '../../src/compose/plugins.ts';
import { defaultConfig } from '../../src/compose/config.ts';
import { Decider } from '../../src/engine/decider.ts';
import type { GuardCondition } from '../../src/model/condition.ts';
import type { ControlRequest } from '../../src/model/control.ts';
import type { Action, Held, Outcome, Plan } from '../../src/model/decision.ts';
import { layoutOf, type FieldValue } from '../../src/model/field.ts';
import type { PolicyInput } from '../../src/model/snapshot.ts';
import { loadPolicy, type Program } from '../../src/policy/index.ts';
import type { FieldValues } from '../../src/plugin/collector.ts';
import type { Reservation } from '../../src/plugin/recollection.ts';
import type { PluginSettings } from '../../src/plugin/settings.ts';
import { uuidOf } from './builders.ts';

/** A guest of a small world. Sizes are KiB. */
export interface SmallGuest {
  readonly name: string;
  readonly maxKib: number;
  sizeKib: number;
  targetKib: number;
  minKib: number;
  /** What its programs need. More than its size: it swaps. */
  usedKib: number;
  /** How fast that grows, KiB per second. */
  growsKibPerS: number;
  /** What it has touched of its size: only this is the host's loss. */
  touchedKib: number;
  /** How fast its page cache fills what it leaves unused, KiB per second. */
  fillsKibPerS: number;
  /** follows: at most this much a second; deaf: not at all; keeping: follows, but its memory stays with QEMU. */
  balloon: 'follows' | 'deaf' | 'keeping';
  speedKibPerS: number;
  /** What becomes of writes; failed: no answer in time, and nothing changes. */
  answers: 'done' | 'failed';
  /** Fields of its reports that are not true. */
  lies: Readonly<Record<string, FieldValue>>;
  /** Whether it reports at all. */
  reports: boolean;
  state: string;
  fields: Record<string, FieldValue>;
  swapInKib: number;
  reportS: number;
  bornMs: number;
}

const HOST_FIELDS = builtinPlugins().vocabulary.hostFields.map(({ name }) => name);
const GUEST_FIELDS = builtinPlugins().vocabulary.guestFields.map(({ name }) => name);
const LAYOUTS = { host: layoutOf(HOST_FIELDS), guest: layoutOf(GUEST_FIELDS) };

const COLLECT_MS = 5000;
/** Of QEMU itself, KiB. */
const OVERHEAD_KIB = 65_536;
const SWAP_IN_KIB = 100_000;

export interface SmallWorldOptions {
  readonly totalKib: number;
  /** What others than guests use. */
  readonly otherKib?: number;
  readonly guests: readonly (Partial<SmallGuest> & Pick<SmallGuest, 'name' | 'maxKib'>)[];
  readonly settings?: Readonly<Record<string, object>>;
  /** The name of a guard to leave out, to see what it is good for. */
  readonly without?: string;
  /** A policy's text, or what it requests. Default: nothing. */
  readonly policy?:
    string | ((input: PolicyInput, evaluation: number) => readonly Pick<ControlRequest, 'name' | 'guest' | 'value'>[]);
}

/** What happened in one collection. */
export interface Turn {
  readonly input: PolicyInput;
  readonly plan: Plan;
  readonly conditions: readonly GuardCondition[];
}

/** The engine and all guards over a host and guests that obey simple rules: virtual time, nothing written anywhere. */
export class SmallWorld {
  readonly guests: SmallGuest[];
  readonly settings: PluginSettings;
  otherKib: number;
  readonly totalKib: number;
  nowMs = Date.UTC(2026, 0, 1);
  hostFields: Record<string, FieldValue> = {};
  readonly #decider: Decider;
  readonly #policy: SmallWorldOptions['policy'];
  readonly #numbers = new Map<SmallGuest, number>();
  #turns = 0;

  constructor({ totalKib, otherKib = 0, guests: given, settings = {}, without, policy }: SmallWorldOptions) {
    this.totalKib = totalKib;
    this.otherKib = otherKib;
    this.guests = given.map((each) => this.newGuest(each));
    const all = Object.entries(defaultConfig().pluginSettings).map(([key, own]) => [key, { ...own, ...settings[key] }]);
    this.settings = Object.fromEntries(all) as PluginSettings;
    this.#policy = policy;
    this.#decider = new Decider(typeof policy === 'string' ? programOf(policy) : null, {
      historyLength: 10,
      hostLayout: LAYOUTS.host,
      guestLayout: LAYOUTS.guest,
      hostProps: { name: 'host' },
      planners: { guards: guards.filter(({ name }) => name !== without), controllers: [ksm, balloon] },
      settings: this.settings,
      evaluate: {},
    });
  }

  newGuest(given: Partial<SmallGuest> & Pick<SmallGuest, 'name' | 'maxKib'>): SmallGuest {
    const sizeKib = given.sizeKib ?? given.maxKib;
    return {
      ...{
        targetKib: sizeKib,
        minKib: 0,
        usedKib: sizeKib / 2,
        balloon: 'follows',
        speedKibPerS: 1_048_576,
        answers: 'done',
        growsKibPerS: 0,
        fillsKibPerS: 0,
      },
      ...{
        lies: {},
        reports: true,
        state: 'running',
        fields: {},
        swapInKib: 0,
        reportS: 0,
        bornMs: this.nowMs - 3_600_000,
      },
      ...given,
      sizeKib,
      touchedKib: given.touchedKib ?? sizeKib,
    };
  }

  guest(name: string): SmallGuest {
    const found = this.guests.find((guest) => guest.name === name);
    if (found === undefined) throw new Error(`no guest ${name}`);
    return found;
  }

  remove(name: string): void {
    this.guests.splice(this.guests.indexOf(this.guest(name)), 1);
  }

  reserve(reservations: readonly Reservation[]): void {
    this.#decider.reserve(reservations);
  }

  /** What the host could hand out; negative: it has less than is touched. */
  get freeKib(): number {
    return (
      this.totalKib - this.otherKib - this.guests.reduce((sum, { touchedKib }) => sum + touchedKib + OVERHEAD_KIB, 0)
    );
  }

  /** What the guards think of a guest. */
  verdicts(name: string): FieldValues {
    return this.#decider.verdicts(uuidOf(this.#numberOf(this.guest(name))));
  }

  /** One collection; the policy is evaluated in every second one. */
  turn(): Turn {
    this.nowMs += COLLECT_MS;
    for (const guest of this.guests) this.#live(guest);
    const snapshot = {
      timeMs: this.nowMs,
      host: this.#host(),
      guests: this.guests.map((guest) => this.#sample(guest)),
      problems: [],
    };
    snapshot.guests.sort((a, b) => (a.name < b.name ? -1 : 1));
    const input = this.#decider.observe(snapshot)!;
    const plan = this.#judged(input, this.#turns++ % 2 === 1);
    this.#decider.learn(plan.actions.map((action) => this.#write(action)));
    return { input, plan, conditions: this.#decider.conditions(input)() };
  }

  /** So many intervals of the policy: two collections each. */
  run(intervals: number): readonly Turn[] {
    return Array.from({ length: 2 * intervals }, () => this.turn());
  }

  #judged(input: PolicyInput, isDue: boolean): Plan {
    const policy = this.#policy;
    if (typeof policy === 'string')
      return (isDue ? this.#decider.judge(input) : this.#decider.relieve(input))?.plan ?? { actions: [], held: [] };
    const position = { file: 'small.policy', line: 1, column: 1 };
    const asked = isDue ? (policy?.(input, this.#turns) ?? []) : [];
    return this.#decider.plan(
      { requests: asked.map((each) => ({ ...each, reason: null, position })), errors: [] },
      input,
    );
  }

  #live(guest: SmallGuest): void {
    if (guest.balloon !== 'deaf') {
      const most = (guest.speedKibPerS * COLLECT_MS) / 1000;
      guest.sizeKib += Math.max(-most, Math.min(most, guest.targetKib - guest.sizeKib));
    }
    const lackKib = guest.usedKib - guest.sizeKib;
    if (lackKib > 0) guest.swapInKib += SWAP_IN_KIB;
    const needsKib = Math.min(guest.sizeKib, guest.usedKib);
    guest.usedKib += (guest.growsKibPerS * COLLECT_MS) / 1000;
    const filledKib = Math.min(guest.sizeKib, guest.touchedKib + (guest.fillsKibPerS * COLLECT_MS) / 1000);
    guest.touchedKib = Math.max(guest.touchedKib, filledKib, needsKib);
    if (guest.balloon !== 'keeping') guest.touchedKib = Math.min(guest.touchedKib, guest.sizeKib);
    if (guest.reports) guest.reportS = this.nowMs / 1000 - 1;
  }

  #host(): readonly (FieldValue | undefined)[] {
    const freeKib = Math.max(0, this.freeKib);
    const fields: Record<string, FieldValue> = {
      ...{ mem_available: this.totalKib, mem_ordinary: this.totalKib, mem_allocatable: freeKib },
      ...{ mem_free: freeKib, mem_unused: freeKib, page_size: 4, swap_total: 0, swap_usage: 0, anon_pages: 0 },
      ...this.hostFields,
    };
    return HOST_FIELDS.map((name) => fields[name] ?? null);
  }

  /** The number of a guest, which no other one gets after it was removed. */
  #numberOf(guest: SmallGuest): number {
    const known = this.#numbers.get(guest);
    if (known !== undefined) return known;
    this.#numbers.set(guest, this.#numbers.size + 1);
    return this.#numbers.size;
  }

  #sample(guest: SmallGuest) {
    const number = this.#numberOf(guest);
    const leftKib = Math.max(0, Math.round(guest.sizeKib - guest.usedKib));
    const fields: Record<string, FieldValue> = {
      ...{
        balloon_cur: Math.round(guest.sizeKib),
        balloon_max: guest.maxKib,
        balloon_min: guest.minKib,
        balloon_min_source: 'none',
      },
      ...{ mem_available: Math.round(guest.sizeKib), mem_unused: leftKib, usable: leftKib, disk_caches: 0 },
      ...{ swap_in: guest.swapInKib, swap_out: guest.swapInKib, major_fault: guest.swapInKib / 4, minor_fault: 0 },
      ...{
        balloon_rss: Math.round(guest.touchedKib) + OVERHEAD_KIB,
        state: guest.state,
        paused: guest.state === 'paused',
      },
      ...{ last_update: guest.reportS, stats_age: this.nowMs / 1000 - guest.reportS, job: 'none', autodeflate: false },
      ...{ uptime: (this.nowMs - guest.bornMs) / 1000 },
      ...guest.fields,
      ...guest.lies,
    };
    const uuid = uuidOf(number);
    const props = { name: guest.name, uuid, id: number, pid: 1000 + number, started: guest.bornMs, labels: '' };
    return { name: guest.name, uuid, props, sample: GUEST_FIELDS.map((name) => fields[name] ?? null) };
  }

  #write(action: Action): Outcome {
    if (action.control === 'balloon_target') {
      const guest = this.guest(action.guest!.name);
      if (guest.answers === 'failed') return { action, status: 'failed', detail: 'no answer in time' };
      guest.targetKib = Number(action.to);
    } else this.hostFields[action.control] = action.to as FieldValue;
    return { action, status: 'done', detail: null };
  }
}

function programOf(text: string): Program {
  const { program, diagnostics } = loadPolicy([{ file: 'small.policy', text }], {
    vocabulary: builtinPlugins().vocabulary,
  });
  if (program === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return program;
}

export function movesIn(turns: readonly Turn[]): readonly Action[] {
  return turns.flatMap(({ plan }) => plan.actions.filter(({ control }) => control === 'balloon_target'));
}

export function heldIn(turns: readonly Turn[]): readonly Held[] {
  return turns.flatMap(({ plan }) => plan.held.filter(({ kind }) => kind === 'held'));
}
