import type { GuestSnapshot } from '../../src/model/snapshot.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import type { ParamOverride } from '../../src/model/parameter.ts';
import { RecordingWriter } from '../../src/recording/writer.ts';
import { uuidOf } from './builders.ts';

const HOST_FIELDS = [
  'mem_available',
  'mem_free',
  'ksm_run',
  'ksm_pages_to_scan',
  'ksm_sleep_millisecs',
  'ksm_shareable',
  'ksm_pages_sharing',
];
const GUEST_FIELDS = ['balloon_cur', 'balloon_max', 'balloon_min', 'mem_unused', 'stats_age', 'state'];

const TOTAL_KIB = 4 * 1024 * 1024;
const GUEST_KIB = 1024 * 1024;

export interface SmallRecording {
  /** The number of intervals, one every 10 s from {@link RECORDED_FROM}; the policy is evaluated in each. */
  readonly intervals?: number;
  readonly guests?: readonly string[];
  /** Free share of the host's memory. Below 0.2, the shipped policies treat the host as short of memory. */
  readonly free?: number;
  /** The time of the first interval, milliseconds since the epoch; default: {@link RECORDED_FROM}. */
  readonly fromMs?: number;
  /** The parameter values in each interval. */
  readonly parameters?: (interval: number) => readonly ParamOverride[];
}

export const RECORDED_FROM = '2026-01-02T03:04:05.250Z';

/** Writes a recording with the daemon's writer: a host of 4 GiB with guests of 1 GiB that leave half of it unused. */
export async function recordSmall(
  path: string,
  {
    intervals = 3,
    guests = ['web-1', 'db-1'],
    free = 0.1,
    fromMs = Date.parse(RECORDED_FROM),
    parameters = () => [],
  }: SmallRecording = {},
): Promise<void> {
  const problems: string[] = [];
  const header = {
    ballast_recording: 1 as const,
    host_props: { name: 'host' },
    collect_interval_ms: 10_000,
    policy_interval_ms: 10_000,
    history: 10,
    host_fields: HOST_FIELDS,
    guest_fields: GUEST_FIELDS,
    guest_props: ['id', 'pid'],
  };
  const writer = new RecordingWriter(
    { path, rotateBytes: 1e12, rotateMs: 1e12, keep: 1, keepMs: 1e12, keepBytes: 1e12, header },
    (event) => {
      if (event.kind !== 'opened') problems.push(event.kind);
    },
  );
  const policy = { requests: [], errors: [], held: [], outcomes: [] };
  for (let n = 0; n < intervals; n++) {
    const timeMs = fromMs + n * 10_000;
    const host = [TOTAL_KIB, Math.round(free * TOTAL_KIB), 0, 100, 20, 2 * GUEST_KIB, 1000 * n];
    await writer.write(
      { snapshot: { timeMs, host, guests: guests.map(guest), problems: [] }, context: false, policy },
      EMPTY_MEMORY,
      parameters(n),
    );
  }
  await writer.close();
  if (problems.length > 0) throw new Error(`the recording could not be written: ${problems.join(', ')}`);
}

function guest(name: string, index: number): GuestSnapshot {
  const uuid = uuidOf(index + 1);
  return {
    name,
    uuid,
    props: { name, uuid, id: index + 1, pid: 1000 + index },
    sample: [GUEST_KIB, GUEST_KIB, 0, GUEST_KIB / 2, 1, 'running'],
  };
}
