// Long because every metric is declared here once: the registry and docs/metrics.md are made from this table.

export type MetricType = 'counter' | 'gauge' | 'histogram';

export interface MetricDecl {
  readonly type: MetricType;
  /** The section of docs/metrics.md. */
  readonly group: keyof typeof METRIC_GROUPS;
  /** One line for `# HELP`, without a full stop. */
  readonly help: string;
  /** none: a number without a unit, 0 or 1, or a count. The name ends with any other unit. */
  readonly unit: 'bytes' | 'seconds' | 'ratio' | 'none';
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, in its unit. */
  readonly buckets?: readonly number[];
}

export const METRIC_GROUPS = {
  daemon: 'The daemon',
  libvirt: 'The connection to libvirt',
  decisions: 'Decisions and writes',
  host: 'The host',
  ksm: 'KSM',
  guests: 'Guests',
  shadow: 'The shadow',
} as const;

/** Values of the label `class`: what a request would do to its guest, or `set` for controls of the host. */
export const DECISION_CLASSES = ['grow', 'shrink', 'keep', 'set'] as const;

const STEP_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const CALL_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

export const METRICS = {
  ballast_build_info: {
    ...{ type: 'gauge', group: 'daemon', unit: 'none', labels: ['version', 'node'] },
    help: 'Always 1; the versions of Ballast and of Node',
  },
  ballast_policy_info: {
    ...{ type: 'gauge', group: 'daemon', unit: 'none', labels: ['policy', 'sha256'] },
    help: 'Always 1; each policy file in effect, with the first 12 digits of the SHA-256 of its text',
  },
  ballast_dry_run: {
    ...{ type: 'gauge', group: 'daemon', unit: 'none', labels: [] },
    help: '1: a dry run, nothing is changed',
  },
  ballast_collect_interval_seconds: {
    ...{ type: 'gauge', group: 'daemon', unit: 'seconds', labels: [] },
    help: 'The config key collect_interval: the time between the starts of two intervals',
  },
  ballast_policy_interval_seconds: {
    ...{ type: 'gauge', group: 'daemon', unit: 'seconds', labels: [] },
    help: 'The config key policy_interval: the time between two evaluations of the policy',
  },
  ballast_last_interval_timestamp_seconds: {
    ...{ type: 'gauge', group: 'daemon', unit: 'seconds', labels: [] },
    help: "When the last finished interval began, by the host's clock, seconds since the epoch",
  },
  ballast_last_evaluation_timestamp_seconds: {
    ...{ type: 'gauge', group: 'daemon', unit: 'seconds', labels: [] },
    help: 'The same for the last interval in which the policy was evaluated',
  },
  ballast_intervals_total: {
    ...{ type: 'counter', group: 'daemon', unit: 'none', labels: [] },
    help: 'Finished intervals',
  },
  ballast_intervals_skipped_total: {
    ...{ type: 'counter', group: 'daemon', unit: 'none', labels: [] },
    help: 'Intervals that were left out because the one before took too long',
  },
  ballast_evaluations_total: {
    ...{ type: 'counter', group: 'daemon', unit: 'none', labels: [] },
    help: 'Evaluations of the policy',
  },
  ballast_interval_seconds: {
    ...{ type: 'histogram', group: 'daemon', unit: 'seconds', labels: [], buckets: STEP_BUCKETS },
    help: 'Duration of an interval, from the start of the collection to the last write',
  },
  ballast_interval_step_seconds: {
    ...{ type: 'histogram', group: 'daemon', unit: 'seconds', labels: ['step'], buckets: STEP_BUCKETS },
    help: 'Duration of a step of an interval: collect, decide, apply',
  },
  ballast_collect_problems_total: {
    ...{ type: 'counter', group: 'daemon', unit: 'none', labels: ['collector'] },
    help: 'Statistics that could not be read, by collector: once for each guest, or for the host, and interval',
  },
  ballast_policy_errors_total: {
    ...{ type: 'counter', group: 'daemon', unit: 'none', labels: ['policy'] },
    help: 'Errors in evaluations of the policy, by file; an error of one guest counts for this guest only',
  },
  ballast_recording_failures_total: {
    ...{ type: 'counter', group: 'daemon', unit: 'none', labels: [] },
    help: 'How often recording began to fail',
  },
  ballast_recording_lost_intervals_total: {
    ...{ type: 'counter', group: 'daemon', unit: 'none', labels: [] },
    help: 'Intervals that were not recorded, counted when recording resumes or ends',
  },
  ballast_recording_failing: {
    ...{ type: 'gauge', group: 'daemon', unit: 'none', labels: [] },
    help: '1: intervals cannot be recorded at the moment',
  },

  ballast_libvirt_connected: {
    ...{ type: 'gauge', group: 'libvirt', unit: 'none', labels: [] },
    help: '1: connected to libvirt; 0: Ballast retries, and controls KSM only',
  },
  ballast_libvirt_connection_failures_total: {
    ...{ type: 'counter', group: 'libvirt', unit: 'none', labels: [] },
    help: 'Lost connections and failed attempts to connect',
  },
  ballast_libvirt_call_seconds: {
    ...{ type: 'histogram', group: 'libvirt', unit: 'seconds', labels: ['call'], buckets: CALL_BUCKETS },
    help: 'Duration of calls to libvirt, by procedure, however they ended',
  },
  ballast_libvirt_call_failures_total: {
    ...{ type: 'counter', group: 'libvirt', unit: 'none', labels: ['call', 'outcome'] },
    help: 'Calls to libvirt that did not succeed: refused, timeout, disconnected or aborted',
  },

  ballast_decisions_total: {
    ...{ type: 'counter', group: 'decisions', unit: 'none', labels: ['policy', 'control', 'class'] },
    help: 'Requests of the policy, by file and control; class: grow, shrink or keep a guest, or set a control of the host',
  },
  ballast_guard_actions_total: {
    ...{ type: 'counter', group: 'decisions', unit: 'none', labels: ['guard', 'control', 'class'] },
    help: 'Actions that a guard added by itself (relief for a guest in pain, an emergency), by guard',
  },
  ballast_holds_total: {
    ...{ type: 'counter', group: 'decisions', unit: 'none', labels: ['guard', 'control'] },
    help: 'Requests that were held back, by guard; guard="": by the controller or by Ballast itself (a pause, the stop file)',
  },
  ballast_writes_total: {
    ...{ type: 'counter', group: 'decisions', unit: 'none', labels: ['control', 'outcome'] },
    help: 'Actions by outcome: done, refused, failed (outcome unknown), gone, pending, held, dry-run',
  },
  ballast_conditions: {
    ...{ type: 'gauge', group: 'decisions', unit: 'none', labels: ['guard', 'level'] },
    help: 'Conditions that a guard reports at the moment, as the log has them; level: info, warn or error',
  },

  ballast_host_allocatable_bytes: {
    ...{ type: 'gauge', group: 'host', unit: 'bytes', labels: [] },
    help: 'Memory that can be handed out without swapping, as Ballast sees it: MemAvailable plus what the ZFS cache can return',
  },
  ballast_host_ordinary_bytes: {
    ...{ type: 'gauge', group: 'host', unit: 'bytes', labels: [] },
    help: 'Memory of the host that is not reserved as huge pages',
  },
  ballast_host_reserve_bytes: {
    ...{ type: 'gauge', group: 'host', unit: 'bytes', labels: [] },
    help: 'What the host keeps at least (budget.reserve, budget.reserve_share)',
  },
  ballast_host_granted_bytes: {
    ...{ type: 'gauge', group: 'host', unit: 'bytes', labels: [] },
    help: 'Growth that guests were granted and have not touched yet',
  },
  ballast_host_reserved_bytes: {
    ...{ type: 'gauge', group: 'host', unit: 'bytes', labels: [] },
    help: 'Reservations for guests that are about to start',
  },
  ballast_host_spare_bytes: {
    ...{ type: 'gauge', group: 'host', unit: 'bytes', labels: [] },
    help: 'Allocatable less reserve, granted and reserved: what guests can still get; negative when the host has too little',
  },
  ballast_host_promised_bytes: {
    ...{ type: 'gauge', group: 'host', unit: 'bytes', labels: [] },
    help: 'Maximum memory of all running guests together, with statistics or without',
  },
  ballast_host_overcommit_ratio: {
    ...{ type: 'gauge', group: 'host', unit: 'ratio', labels: [] },
    help: 'Promised divided by ordinary memory: above 1, the guests are promised more than the host has',
  },

  ballast_ksm_saved_bytes: {
    ...{ type: 'gauge', group: 'ksm', unit: 'bytes', labels: [] },
    help: 'Memory that KSM saves; 0 while no guest runs',
  },
  ballast_ksm_profit_bytes: {
    ...{ type: 'gauge', group: 'ksm', unit: 'bytes', labels: [] },
    help: 'Memory saved less the metadata of KSM; may be negative (Linux 6.1)',
  },
  ballast_ksmd_cpu_ratio: {
    ...{ type: 'gauge', group: 'ksm', unit: 'ratio', labels: [] },
    help: 'CPU time of ksmd since the last interval, as a share of one CPU',
  },
  ballast_ksm_wanted_run: {
    ...{ type: 'gauge', group: 'ksm', unit: 'none', labels: [] },
    help: 'What the policy requested for run in the last evaluation; absent: nothing',
  },
  ballast_ksm_wanted_pages_to_scan: {
    ...{ type: 'gauge', group: 'ksm', unit: 'none', labels: [] },
    help: 'What the policy requested for pages_to_scan in the last evaluation; absent: nothing',
  },
  ballast_ksm_wanted_sleep_seconds: {
    ...{ type: 'gauge', group: 'ksm', unit: 'seconds', labels: [] },
    help: 'What the policy requested for sleep_millisecs in the last evaluation; absent: nothing',
  },
  ballast_ksm_wanted_merge_across_nodes: {
    ...{ type: 'gauge', group: 'ksm', unit: 'none', labels: [] },
    help: 'What the policy requested for merge_across_nodes in the last evaluation; absent: nothing',
  },

  ballast_guests_running: {
    ...{ type: 'gauge', group: 'guests', unit: 'none', labels: [] },
    help: 'Running guests, with statistics or without',
  },
  ballast_guests_evaluated: {
    ...{ type: 'gauge', group: 'guests', unit: 'none', labels: [] },
    help: 'Guests with all statistics that the policy needs; the others are left alone',
  },
  ballast_guest_info: {
    ...{ type: 'gauge', group: 'guests', unit: 'none', labels: ['domain', 'uuid'] },
    help: 'Always 1; the uuid of a guest',
  },
  ballast_guest_floor_bytes: {
    ...{ type: 'gauge', group: 'guests', unit: 'bytes', labels: ['domain'] },
    help: 'The size below which no guard lets the balloon go',
  },
  ballast_guest_taken_bytes: {
    ...{ type: 'gauge', group: 'guests', unit: 'bytes', labels: ['domain'] },
    help: 'What its balloon has taken: the largest size that the balloon can reach (without memory that is not plugged) less the present one',
  },
  ballast_guest_wanted_bytes: {
    ...{ type: 'gauge', group: 'guests', unit: 'bytes', labels: ['domain'] },
    help: 'The size that the policy requested in the last evaluation; absent: it requested nothing for this guest',
  },
  ballast_guest_target_bytes: {
    ...{ type: 'gauge', group: 'guests', unit: 'bytes', labels: ['domain'] },
    help: 'The last balloon target that Ballast has written; absent: none since the daemon started',
  },
  ballast_guest_granted_bytes: {
    ...{ type: 'gauge', group: 'guests', unit: 'bytes', labels: ['domain'] },
    help: 'Growth that the guest was granted and has not touched yet',
  },
  ballast_guest_held: {
    ...{ type: 'gauge', group: 'guests', unit: 'none', labels: ['domain', 'guard'] },
    help: 'Always 1; the balloon request of the last evaluation was held back, by this guard ("": by a pause, the stop file or the controller); absent: it was not',
  },
  ballast_guest_pain_age_seconds: {
    ...{ type: 'gauge', group: 'guests', unit: 'seconds', labels: ['domain'] },
    help: 'Time since the last sign that the guest lacks memory (swap-ins, stalls, major faults, its OOM killer); absent: none so far',
  },
  ballast_guest_stuck: {
    ...{ type: 'gauge', group: 'guests', unit: 'none', labels: ['domain'] },
    help: '1: its balloon does not follow its target',
  },
  ballast_guest_doubted: {
    ...{ type: 'gauge', group: 'guests', unit: 'none', labels: ['domain'] },
    help: '1: its last statistics cannot be true',
  },
  ballast_guest_not_returning: {
    ...{ type: 'gauge', group: 'guests', unit: 'none', labels: ['domain'] },
    help: '1: its balloon took memory that the host did not get',
  },

  ballast_shadow_info: {
    ...{ type: 'gauge', group: 'shadow', unit: 'none', labels: ['policy', 'sha256'] },
    help: 'Always 1; each file of the shadow, with the first 12 digits of the SHA-256 of its text',
  },
  ballast_shadow_evaluations_total: {
    ...{ type: 'counter', group: 'shadow', unit: 'none', labels: [] },
    help: 'Evaluations of the shadow',
  },
  ballast_shadow_skipped_total: {
    ...{ type: 'counter', group: 'shadow', unit: 'none', labels: [] },
    help: 'Evaluations of the shadow that were left out, because the interval had no time for them',
  },
  ballast_shadow_decisions_total: {
    ...{ type: 'counter', group: 'shadow', unit: 'none', labels: ['control', 'class'] },
    help: 'Decisions of the shadow beside those of the policy; class: same, more, less, other, only_shadow or only_policy',
  },
  ballast_shadow_holds_total: {
    ...{ type: 'counter', group: 'shadow', unit: 'none', labels: ['guard'] },
    help: 'Requests of the shadow that were held back, by guard, as ballast_holds_total has them for the policy',
  },
  ballast_shadow_policy_errors_total: {
    ...{ type: 'counter', group: 'shadow', unit: 'none', labels: ['policy'] },
    help: 'Errors in evaluations of the shadow, by file',
  },
  ballast_shadow_difference_bytes: {
    ...{ type: 'gauge', group: 'shadow', unit: 'bytes', labels: ['direction'] },
    help: 'By how much the sizes of guests that the shadow decided are above those of the policy (direction="more") and below ("less"), all guests together',
  },
} as const satisfies Readonly<Record<string, MetricDecl>>;

export type MetricName = keyof typeof METRICS;

type NameOf<Type extends MetricType> = {
  [Name in MetricName]: (typeof METRICS)[Name]['type'] extends Type ? Name : never;
}[MetricName];

export type GaugeName = NameOf<'gauge'>;
export type CounterName = NameOf<'counter'>;
export type HistogramName = NameOf<'histogram'>;

export type LabelsOf<Name extends MetricName> = Readonly<Record<(typeof METRICS)[Name]['labels'][number], string>>;

/** All metrics by name, in the order of the page. */
export const METRIC_LIST = Object.entries(METRICS) as unknown as readonly (readonly [MetricName, MetricDecl])[];
