import type { FieldValue } from '../../src/model/field.ts';
import type { Outcome } from '../../src/model/decision.ts';
import type { GuestSnapshot } from '../../src/model/snapshot.ts';
import type { RecordedInterval, RecordingHeader } from '../../src/recording/format.ts';
import { header, uuidOf } from './builders.ts';

const MIB = 1024;
const GIB = 1024 * MIB;
const INTERVAL_MS = 5000;

export interface DayOptions {
  readonly guests: number;
  readonly intervals?: number;
  /** Milliseconds between two intervals. */
  readonly everyMs?: number;
  readonly names?: readonly string[];
}

export const DAY_FROM = Date.parse('2026-03-02T22:30:00Z');

const HOST_FIELDS = [
  ...['mem_available', 'mem_unused', 'mem_free', 'mem_ordinary', 'mem_allocatable', 'shmem', 'hugetlb', 'page_size'],
  ...['swap_usage', 'guests_rss', 'ksm_pages_sharing', 'ksm_saved', 'ksmd_cpu_usage', 'psi_memory_some_avg10'],
];
const GUEST_FIELDS = [
  ...['balloon_cur', 'balloon_max', 'balloon_min', 'mem_available', 'mem_unused', 'usable', 'swap_in', 'major_fault'],
  ...['balloon_rss', 'oom_kill', 'stats_age', 'last_update', 'state', 'pain_age'],
];

export const DAY_HEADER: RecordingHeader = header({
  started: new Date(DAY_FROM).toISOString(),
  host_props: { name: 'kvm-3' },
  collect_interval_ms: INTERVAL_MS,
  policy_interval_ms: 10_000,
  host_fields: HOST_FIELDS,
  guest_fields: GUEST_FIELDS,
});

/** Same numbers in every run. */
function noise(seed: number): number {
  const x = Math.sin(seed * 12.9898) * 43_758.5453;
  return x - Math.floor(x);
}

/**
 * A made-up day of a host with many guests, whose load rises at night: guests are shrunk and given back, some are in pain, guards hold
 * requests back, KSM merges, statistics are missing for a while, and nothing is recorded for half an hour. Evaluations every 10 s.
 */
export function* recordedDay({
  guests,
  intervals = 17_280,
  everyMs = INTERVAL_MS,
  names = [],
}: DayOptions): Generator<RecordedInterval> {
  const totalKib = guests * 3.5 * GIB;
  const maxKib = 4 * GIB;
  const sizes = new Array<number>(guests).fill(maxKib);
  const pained = new Array<number | null>(guests).fill(null);
  const swapped = new Array<number>(guests).fill(0);
  const kills = new Array<number>(guests).fill(0);
  for (let n = 0; n < intervals; n++) {
    const part = n / intervals;
    if (part > 0.62 && part < 0.64) continue;
    const timeMs = DAY_FROM + n * everyMs;
    const load = 0.45 + 0.35 * Math.sin(part * 6.3 - 0.8) + 0.1 * Math.sin(part * 40);
    const outcomes: Outcome[] = [];
    const held: NonNullable<RecordedInterval['policy']>['held'][number][] = [];
    const isDue = n % 2 === 0;
    let guestsKib = 0;
    const rows = sizes.map((sizeKib, at): GuestSnapshot => {
      // One in four has little to do.
      const own = at % 4 === 3 ? 0.3 : 0.6 + 0.4 * noise(at + 1);
      const usedKib =
        Math.round(Math.min(sizeKib, maxKib * own * load * (0.85 + 0.3 * noise(n * 7 + at * 131))) / 4) * 4;
      const isPained = usedKib > 0.97 * sizeKib && noise(n + at) > 0.3;
      if (isPained) swapped[at]! += 4000;
      if (isPained && noise(n * 3 + at) > 0.995) kills[at]! += 1;
      pained[at] = isPained ? 0.5 : pained[at] === null ? null : pained[at]! + 5;
      const residentKib = Math.min(maxKib, Math.round(sizeKib * (0.82 + 0.05 * noise(n * 5 + at))));
      guestsKib += residentKib;
      const isReporting = !(at === 1 && part > 0.3 && part < 0.4);
      const statistics = isReporting
        ? [
            sizeKib - 60 * MIB,
            sizeKib - usedKib,
            sizeKib - usedKib,
            swapped[at]!,
            100,
            residentKib,
            kills[at]!,
            1,
            timeMs / 1000 - 1,
          ]
        : [null, null, null, null, null, residentKib, null, null, null];
      const name = names[at] ?? `${['web', 'db', 'batch', 'ci'][at % 4]}-${Math.floor(at / 4) + 1}`;
      const sample: FieldValue[] = [sizeKib, maxKib, 0, ...statistics, 'running', pained[at]!];
      if (isDue) {
        const guest = { name, uuid: uuidOf(at + 1) };
        const wanted = Math.min(maxKib, load > 0.55 ? Math.max(usedKib * 1.1, sizeKib * 0.98) : sizeKib * 1.02);
        const to = Math.round(wanted / 4) * 4;
        if (noise(n * 11 + at * 3) > 0.93 && Math.abs(to - sizeKib) > MIB) {
          const isShrunk = to < sizeKib;
          const reason = isShrunk
            ? `free ${Math.round((1 - load) * 100)}% < 45%`
            : `free ${Math.round((1 - load) * 100)}% > 45%: given back`;
          if (isShrunk && noise(n + at * 17) > 0.6) {
            const why = `changed ${Math.round(noise(n) * 50)} s ago, at most one change in 60 s`;
            held.push({
              kind: 'held',
              controller: 'Balloon',
              control: 'balloon_target',
              guest,
              wanted: to,
              why,
              guard: noise(at + n) > 0.5 ? 'settle' : 'pain',
            });
          } else {
            const status = noise(n * 13 + at) > 0.995 ? 'refused' : 'done';
            const message = `Ballooning guest:${name} from ${sizeKib} to ${to}`;
            const action = {
              controller: 'Balloon',
              control: 'balloon_target',
              guest,
              from: sizeKib,
              to,
              message,
              reason,
              position: { file: 'mom-balloon.policy', line: 42, column: 9 },
              notes: [],
            };
            outcomes.push({
              action,
              status,
              detail: status === 'done' ? null : 'libvirt: the guest is being migrated',
            });
            if (status === 'done') sizes[at] = to;
          }
        }
      }
      return {
        name,
        uuid: uuidOf(at + 1),
        props: { name, uuid: uuidOf(at + 1), id: at + 1, pid: 1000 + at, labels: '' },
        sample,
      };
    });
    const savedKib = Math.round(guestsKib * 0.12 * Math.min(1, part * 4));
    const cacheKib = Math.round(totalKib * 0.06 * (1.2 - load));
    const freeKib = Math.max(totalKib * 0.01, totalKib - (guestsKib - savedKib) - cacheKib - totalKib * 0.05);
    const host = [
      ...[totalKib, freeKib, freeKib + cacheKib, totalKib, freeKib + cacheKib * 0.9, 0, 0, 4],
      ...[
        load > 0.8 ? (load - 0.8) * 4 * GIB : 0,
        guestsKib,
        Math.round(savedKib / 4),
        savedKib,
        n === 0 ? null : 4 + 6 * noise(n),
        load > 0.8 ? 8 * noise(n) : 0,
      ],
    ];
    const policy = isDue ? { requests: [], errors: [], held, outcomes } : null;
    yield { snapshot: { timeMs, host, guests: rows, problems: [] }, context: false, policy };
  }
}
