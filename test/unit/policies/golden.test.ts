import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkPolicies } from '../../../src/cli/handlers/check.ts';
import { replayRecordings } from '../../../src/cli/handlers/replay.ts';
import { vocabularyFor } from '../../../src/compose/vocabulary.ts';
import type { HostSummary } from '../../../src/engine/summary.ts';
import type { Action, Held, PolicyError } from '../../../src/model/decision.ts';
import { scalarText } from '../../../src/model/scalar-text.ts';
import { capturedIo } from '../../support/captured-io.ts';

/**
 * The decisions of the shipped policies over the recording of real guests, or over a simulated one of KSM. After an intended change,
 * `npx vitest run test/unit/policies/golden.test.ts -u` writes the files; review the diff.
 */
const RECORDINGS = join(import.meta.dirname, '../../recordings');
const POLICIES = join(import.meta.dirname, '../../../policies');

/** The policies that run together, by the name of their golden file. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  'balloon-and-ksm': ['mom-balloon.policy', 'mom-ksm.policy'],
  ksmtuned: ['ksmtuned.policy'],
  proxmox: ['proxmox.policy'],
  squeezed: ['squeezed.policy'],
  esx: ['esx.policy'],
  senpai: ['senpai.policy'],
  qemus: ['qemus.policy'],
  'first-look': ['first-look.policy'],
  balanced: ['balanced.policy'],
  'ksm-budget': ['ksm-budget.policy'],
};

/** The demo recording is older than fields that this policy needs. */
const OF_KSM: ReadonlySet<string> = new Set(['ksm-budget']);

interface Evaluation {
  readonly time: string;
  readonly actions: readonly Action[];
  readonly held: readonly Held[];
  readonly errors: readonly PolicyError[];
  readonly debug: readonly { readonly text: string; readonly position: string }[];
}

async function replayed(policies: readonly string[], recording = 'demo.jsonl.gz') {
  const io = capturedIo();
  const options = {
    policies: policies.map((name) => join(POLICIES, name)),
    config: null,
    json: true,
    quiet: false,
    logFormat: 'json',
    policyIntervalMs: null,
  } as const;
  const code = await replayRecordings(
    { ...options, files: [join(RECORDINGS, recording)] },
    io,
    new AbortController().signal,
  );
  expect({ code, stderr: io.stderr.text }).toEqual({ code: 0, stderr: '' });
  const lines = io.stdout.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  const { summary } = lines.pop() as { summary: { host: HostSummary } };
  return { evaluations: lines as Evaluation[], host: summary.host };
}

/** One line for each decision, held-back request and line of debug output. */
function written({ time, actions, held, errors, debug }: Evaluation): string[] {
  const at = time.slice(0, -'.000Z'.length);
  const place = (text: string) => text.replace(`${POLICIES}/`, '');
  return [
    ...debug.map(({ text, position }) => `${at} ${place(position)} ${text}`),
    ...actions.map(({ control, guest, from, to, position, notes }) =>
      [
        `${at} ${guest?.name ?? 'host'} ${control} ${String(from)} -> ${String(to)}`,
        place(`${position!.file}:${position!.line}`),
        ...notes,
      ].join('; '),
    ),
    ...held
      .filter(({ kind }) => kind === 'held')
      .map(
        ({ control, guest, wanted, why }) =>
          `${at} ${guest?.name ?? 'host'} ${control} ${scalarText(wanted)} held back: ${why}`,
      ),
    ...errors.map(({ message, guest }) => `${at} ${guest?.name ?? 'host'} ERROR ${message}`),
  ];
}

describe('the shipped policies', () => {
  it('each have a golden file, and there are no other golden files', () => {
    expect(Object.values(PROGRAMS).flat().sort()).toEqual(
      readdirSync(POLICIES)
        .filter((name) => name.endsWith('.policy'))
        .sort(),
    );
    expect(readdirSync(join(RECORDINGS, 'golden')).sort()).toEqual(
      Object.keys(PROGRAMS)
        .map((name) => `${name}.txt`)
        .sort(),
    );
  });

  it.each([
    ...Object.entries(PROGRAMS),
    ['balanced and ksm-budget', ['balanced.policy', 'ksm-budget.policy']] as const,
  ])('%s: check reports nothing for its files, alone or combined', async (_name, files) => {
    const vocabulary = await vocabularyFor(null);
    for (const paths of [files, ...files.map((file) => [file])]) {
      const io = capturedIo();
      const code = await checkPolicies(
        { paths: paths.map((file) => join(POLICIES, file)), json: true },
        io,
        vocabulary,
      );
      expect({ code, diagnostics: JSON.parse(io.stdout.text) as unknown }, paths.join(' ')).toEqual({
        code: 0,
        diagnostics: [],
      });
    }
  });

  it.each(Object.entries(PROGRAMS))(
    '%s: the decisions over its recording match the golden file',
    async (name, files) => {
      const { evaluations } = await replayed(files, OF_KSM.has(name) ? 'ksm.jsonl.gz' : undefined);
      expect(evaluations.flatMap(({ errors }) => errors)).toEqual([]);
      const text = evaluations
        .flatMap(written)
        .map((line) => `${line}\n`)
        .join('');
      await expect(text).toMatchFileSnapshot(join(RECORDINGS, 'golden', `${name}.txt`));
    },
  );
});

describe('the demo recording', () => {
  it('matches its description in the README', async () => {
    const { evaluations, host } = await replayed(PROGRAMS['balloon-and-ksm']!);
    const { fromMs, toMs, mostPagesSharing, ksmChanges } = host;
    expect(toMs! - fromMs!).toBeGreaterThanOrEqual(15 * 60_000);
    expect(mostPagesSharing).toBeGreaterThan(10_000);
    expect(ksmChanges).toBeGreaterThan(3);
    const moves = evaluations.flatMap(({ actions }) => actions).filter(({ control }) => control === 'balloon_target');
    for (const name of ['web-1', 'web-2', 'db-1', 'batch-1']) {
      const own = moves.filter(({ guest }) => guest!.name === name);
      // db-1 uses nearly all that it has touched, so that shrinking it would give the host nothing.
      expect(
        own.some(({ from, to }) => to! < from!),
        `${name} shrinks`,
      ).toBe(name !== 'db-1');
      expect(
        own.some(({ from, to }) => to! > from!),
        `${name} grows`,
      ).toBe(true);
    }
  });
});
