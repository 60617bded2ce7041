import type { GuardCondition } from '../model/condition.ts';
import type { FieldValue, Layout, Sample } from '../model/field.ts';
import type { GuestFigures, HostFigures } from '../model/guard-figures.ts';
import type { IntervalReport, Judgement } from '../model/interval-report.ts';
import { fieldOf, numberOf } from '../model/sample.ts';
import type { ShadowInterval } from '../model/shadow.ts';
import { unreadGuests } from '../model/unread-guests.ts';
import { domainLabels } from './domain-labels.ts';
import { NO_GUARD } from './counts.ts';
import type { Gauges, GaugeSample } from './registry.ts';
import type { GaugeName, LabelsOf, MetricName } from './table.ts';

/** What the gauges are computed from. */
export interface DaemonState {
  readonly layouts: { readonly host: Layout; readonly guest: Layout };
  readonly build: { readonly version: string; readonly node: string };
  readonly policies: readonly { readonly policy: string; readonly sha256: string }[];
  readonly dryRun: boolean;
  readonly collectIntervalMs: number;
  readonly policyIntervalMs: number;
  readonly connected: boolean;
  readonly recordingFails: boolean;
  /** The shadow; null: there is none. */
  readonly shadow: {
    readonly policies: DaemonState['policies'];
    /** null: none was compared yet. */
    readonly last: Pick<ShadowInterval, 'moreKib' | 'lessKib'> | null;
  } | null;
  /** The last interval; null: none has finished. */
  readonly last: IntervalReport | null;
  /** The last one in which the policy was evaluated. */
  readonly lastEvaluated: { readonly timeMs: number; readonly judgement: Judgement } | null;
}

/** Guests beyond this number have no series: no host runs as many. */
const MOST_GUESTS = 5000;

const KIB = 1024;

/** All gauges. Pure; an unknown value is no series, never 0. */
export function gaugesOf(state: DaemonState): Gauges {
  const gauges = new GaugeMap();
  addDaemon(gauges, state);
  if (state.shadow !== null) addShadow(gauges, state.shadow);
  const { last } = state;
  if (last === null) return gauges.all;
  const { host, guests } = last.figures?.() ?? { host: {}, guests: new Map<string, GuestFigures>() };
  addHost(gauges, last, host, state.layouts.host);
  addWantedKsm(gauges, state.lastEvaluated?.judgement ?? null);
  for (const [labels, count] of conditionCounts(last.conditions?.() ?? []))
    gauges.set('ballast_conditions', labels, count);
  addGuests(gauges, last, guests, state);
  return gauges.all;
}

/** Collects samples; what is unknown or not finite is left out. */
class GaugeMap {
  readonly all = new Map<MetricName, GaugeSample[]>();

  set<Name extends GaugeName>(name: Name, labels: LabelsOf<Name>, value: number | null | undefined): void {
    if (value === null || value === undefined || !Number.isFinite(value)) return;
    const known = this.all.get(name);
    if (known === undefined) this.all.set(name, [{ labels, value }]);
    else known.push({ labels, value });
  }
}

function addDaemon(gauges: GaugeMap, state: DaemonState): void {
  gauges.set('ballast_build_info', state.build, 1);
  for (const labels of state.policies) gauges.set('ballast_policy_info', labels, 1);
  gauges.set('ballast_dry_run', {}, Number(state.dryRun));
  gauges.set('ballast_collect_interval_seconds', {}, state.collectIntervalMs / 1000);
  gauges.set('ballast_policy_interval_seconds', {}, state.policyIntervalMs / 1000);
  gauges.set('ballast_last_interval_timestamp_seconds', {}, seconds(state.last?.snapshot.timeMs));
  gauges.set('ballast_last_evaluation_timestamp_seconds', {}, seconds(state.lastEvaluated?.timeMs));
  gauges.set('ballast_libvirt_connected', {}, Number(state.connected));
  gauges.set('ballast_recording_failing', {}, Number(state.recordingFails));
}

function addShadow(gauges: GaugeMap, { policies, last }: NonNullable<DaemonState['shadow']>): void {
  for (const labels of policies) gauges.set('ballast_shadow_info', labels, 1);
  gauges.set('ballast_shadow_difference_bytes', { direction: 'more' }, bytes(last?.moreKib));
  gauges.set('ballast_shadow_difference_bytes', { direction: 'less' }, bytes(last?.lessKib));
}

function addHost(gauges: GaugeMap, { snapshot }: IntervalReport, figures: HostFigures, layout: Layout): void {
  const number = (name: string): number | null =>
    snapshot.host === null ? null : numberOf(layout, [snapshot.host], name);
  const knowsGuests = unreadGuests(snapshot.problems) === undefined;
  const ofGuests = (name: string): number | null => (knowsGuests ? number(name) : null);
  gauges.set('ballast_host_allocatable_bytes', {}, bytes(number('mem_allocatable')));
  gauges.set('ballast_host_ordinary_bytes', {}, bytes(number('mem_ordinary')));
  gauges.set('ballast_host_reserve_bytes', {}, bytes(figures.reserveKib));
  gauges.set('ballast_host_granted_bytes', {}, bytes(figures.grantedKib));
  gauges.set('ballast_host_reserved_bytes', {}, bytes(figures.reservedKib));
  gauges.set('ballast_host_spare_bytes', {}, bytes(figures.spareKib));
  gauges.set('ballast_host_promised_bytes', {}, bytes(ofGuests('guests_memory_max')));
  gauges.set('ballast_host_overcommit_ratio', {}, ofGuests('overcommit_ratio'));
  gauges.set('ballast_ksm_saved_bytes', {}, bytes(ofGuests('ksm_saved')));
  gauges.set('ballast_ksm_profit_bytes', {}, number('ksm_general_profit'));
  const percent = number('ksmd_cpu_usage');
  gauges.set('ballast_ksmd_cpu_ratio', {}, percent === null ? null : percent / 100);
  gauges.set('ballast_guests_running', {}, ofGuests('guests_running'));
  gauges.set('ballast_guests_evaluated', {}, knowsGuests ? snapshot.guests.length : null);
}

function addWantedKsm(gauges: GaugeMap, judgement: Judgement | null): void {
  for (const { name, guest, value } of judgement?.decision.requests ?? []) {
    if (guest !== null || typeof value !== 'number') continue;
    if (name === 'ksm_run') gauges.set('ballast_ksm_wanted_run', {}, value);
    if (name === 'ksm_pages_to_scan') gauges.set('ballast_ksm_wanted_pages_to_scan', {}, value);
    if (name === 'ksm_sleep_millisecs') gauges.set('ballast_ksm_wanted_sleep_seconds', {}, value / 1000);
    if (name === 'ksm_merge_across_nodes') gauges.set('ballast_ksm_wanted_merge_across_nodes', {}, value);
  }
}

function addGuests(
  gauges: GaugeMap,
  { snapshot }: IntervalReport,
  figures: ReadonlyMap<string, GuestFigures>,
  { layouts, lastEvaluated }: DaemonState,
): void {
  const labels = domainLabels(snapshot.guests.slice(0, MOST_GUESTS));
  const { wanted, held } = balloonsIn(lastEvaluated?.judgement ?? null);
  for (const { uuid, sample } of snapshot.guests.slice(0, MOST_GUESTS)) {
    const domain = labels.get(uuid)!;
    // One for all series of the guest: with a thousand guests, that many objects less.
    const guest = { domain };
    const field = (name: string): FieldValue | undefined => fieldOf(layouts.guest, [sample], name);
    const own = figures.get(uuid);
    gauges.set('ballast_guest_info', { domain, uuid }, 1);
    gauges.set('ballast_guest_floor_bytes', guest, bytes(own?.floorKib));
    gauges.set('ballast_guest_taken_bytes', guest, bytes(takenKib(sample, layouts.guest)));
    gauges.set('ballast_guest_wanted_bytes', guest, bytes(wanted.get(uuid)));
    gauges.set('ballast_guest_target_bytes', guest, bytes(own?.targetKib));
    gauges.set('ballast_guest_granted_bytes', guest, bytes(own?.grantedKib));
    const guard = held.get(uuid);
    if (guard !== undefined) gauges.set('ballast_guest_held', { domain, guard }, 1);
    gauges.set('ballast_guest_pain_age_seconds', guest, numberOf(layouts.guest, [sample], 'pain_age'));
    gauges.set('ballast_guest_stuck', guest, truth(field('balloon_stuck')));
    gauges.set('ballast_guest_doubted', guest, truth(field('figures_doubted')));
    gauges.set('ballast_guest_not_returning', guest, truth(field('memory_not_returned')));
  }
}

function takenKib(sample: Sample, layout: Layout): number | null {
  const maxKib = numberOf(layout, [sample], 'balloon_max');
  const curKib = numberOf(layout, [sample], 'balloon_cur');
  return maxKib === null || curKib === null ? null : Math.max(0, maxKib - curKib);
}

const BALLOON_TARGET = 'balloon_target';

/** What an evaluation requested for balloons, KiB, and the guards that held it back, by uuid. */
function balloonsIn(judgement: Judgement | null) {
  const wanted = new Map<string, number>();
  const held = new Map<string, string>();
  for (const { name, guest, value } of judgement?.decision.requests ?? [])
    if (guest !== null && name === BALLOON_TARGET && typeof value === 'number') wanted.set(guest.uuid, value);
  for (const { kind, guest, control, guard = NO_GUARD } of judgement?.plan.held ?? [])
    if (guest !== null && kind === 'held' && control === BALLOON_TARGET) held.set(guest.uuid, guard);
  return { wanted, held };
}

function conditionCounts(conditions: readonly GuardCondition[]) {
  const counts = new Map<string, readonly [LabelsOf<'ballast_conditions'>, number]>();
  for (const { guard, level = 'warn' } of conditions) {
    const key = `${guard} ${level}`;
    counts.set(key, [{ guard, level }, (counts.get(key)?.[1] ?? 0) + 1]);
  }
  return counts.values();
}

function truth(value: FieldValue | undefined): number | null {
  return typeof value === 'boolean' ? Number(value) : null;
}

function bytes(kib: number | null | undefined): number | null {
  return kib === null || kib === undefined ? null : kib * KIB;
}

function seconds(ms: number | undefined): number | null {
  return ms === undefined ? null : ms / 1000;
}
