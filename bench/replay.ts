import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { builtinPlugins } from '../src/compose/plugins.ts';
import { labellerOf } from '../src/config/guest-labels.ts';
import { defaultConfig } from '../src/compose/config.ts';
import { replay } from '../src/engine/replay.ts';
import { Summary } from '../src/engine/summary.ts';
import { EMPTY_MEMORY } from '../src/model/memory.ts';
import { loadPolicy } from '../src/policy/index.ts';
import { layoutsOf } from '../src/recording/format.ts';
import { openRecording } from '../src/recording/reader.ts';
import { RecordingWriter } from '../src/recording/writer.ts';
import { benchInput } from './inputs.ts';
import { median } from './measure.ts';

const ROUNDS = 5;

/** Replays uncompressed JSONL through mom-balloon.policy and mom-ksm.policy, without output: guest-intervals per second. */
export async function benchReplay(): Promise<string[][]> {
  const folder = await mkdtemp(join(tmpdir(), 'ballast-bench-'));
  try {
    const rows: string[][] = [];
    for (const [guests, intervals] of [
      [100, 4000],
      [10_000, 40],
    ] as const) {
      const path = join(folder, `${guests}.jsonl`);
      await record(path, guests, intervals);
      const rates: number[] = [];
      for (let round = 0; round <= ROUNDS; round++) rates.push((guests * intervals) / (await replaySeconds(path)));
      rows.push([`${guests} guests, ${intervals} intervals`, Math.round(median(rates.slice(1))).toLocaleString('en')]);
    }
    return rows;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function record(path: string, guests: number, intervals: number): Promise<void> {
  const { vocabulary } = builtinPlugins();
  const input = benchInput(vocabulary, guests, true, { samples: 1 });
  const header = {
    ballast_recording: 1 as const,
    host_props: { name: 'host' },
    collect_interval_ms: 5000,
    policy_interval_ms: null,
    history: 10,
    host_fields: [...input.hostLayout.names],
    guest_fields: [...input.guestLayout.names],
    guest_props: ['id', 'pid'],
  };
  const writer = new RecordingWriter(
    { path, rotateBytes: 1e15, rotateMs: 1e15, keep: 0, keepMs: 1e15, keepBytes: 1e15, header },
    () => undefined,
  );
  for (let n = 0; n < intervals; n++) {
    const snapshot = {
      timeMs: input.timeMs + n * 5000,
      host: input.host.samples[0]!,
      guests: input.guests.map(({ name, uuid, props, samples }) => ({ name, uuid, props, sample: samples[0]! })),
      problems: [],
    };
    await writer.write({ snapshot, context: false, policy: null }, EMPTY_MEMORY);
  }
  await writer.close();
}

async function replaySeconds(path: string): Promise<number> {
  const planners = builtinPlugins();
  const { vocabulary } = planners;
  const sources = ['mom-balloon', 'mom-ksm'].map((name) => ({
    file: name,
    text: readFileSync(new URL(`../policies/${name}.policy`, import.meta.url), 'utf8'),
  }));
  const { program } = loadPolicy(sources, { vocabulary });
  const start = process.hrtime.bigint();
  const recording = await openRecording(path, {
    onCutOff: (message) => {
      throw new Error(message);
    },
  });
  const summary = new Summary(layoutsOf(recording.header));
  const options = {
    program: program!,
    planners,
    settings: defaultConfig().pluginSettings,
    evaluate: {},
    labels: labellerOf([]),
    policyIntervalMs: null,
  };
  for await (const report of replay(recording, options)) summary.add(report);
  return Number(process.hrtime.bigint() - start) / 1e9;
}
