import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulateRecording, type WhatIfOptions } from '../../../src/cli/handlers/whatif.ts';
import { errorJson, errorTable } from '../../../src/cli/handlers/whatif-text.ts';
import { writeScenario, type WriteScenarioOptions } from '../../../src/cli/handlers/write-scenario.ts';
import { parseScenario } from '../../../src/simulation/scenario/load.ts';
import { OperatorError } from '../../../src/support/operator-error.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { scenario } from '../simulation/specs.ts';

const DEMO = 'test/recordings/demo.jsonl.gz';

const BASE: WriteScenarioOptions = {
  ...{
    sources: [DEMO],
    output: null,
    memoryKib: null,
    guestMemoryKib: null,
    more: 0,
    from: null,
    to: null,
    bursts: true,
  },
};

describe('ballast scenario', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ballast-scenario-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('prints a scenario, with what is inferred as a warning and as comments', async () => {
    const io = capturedIo();
    expect(await writeScenario({ ...BASE, more: 2, from: '+5min' }, io)).toBe(0);
    const parsed = parseScenario('demo.yaml', io.stdout.text);
    if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
    expect(parsed.scenario.guests.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['batch-1', 'db-1', 'web-1', 'web-2']),
    );
    expect(parsed.scenario.guests).toHaveLength(6);
    expect(io.stderr.text).toMatch(/^warning: demo: this is not in the data, but inferred or assumed:\n {2}- host: /);
    expect(io.stdout.text).toMatch(/^# host: /);
  });

  it('writes it to a file, and names what it wrote', async () => {
    const io = capturedIo();
    const output = join(folder, 'demo.yaml');
    expect(await writeScenario({ ...BASE, output }, io)).toBe(0);
    expect(io.stdout.text).toMatch(/demo\.yaml: 4 guests, 17 min\n$/);
    expect(parseScenario(output, await readFile(output, 'utf8'))).toHaveProperty('scenario');
  });

  it.each([
    ['a file that cannot be written', { output: '/nowhere/x.yaml' }, '/nowhere/x.yaml cannot be written: '],
    ['a time that is not in it', { from: 'noon' }, '"noon" is not a time'],
    ['nothing in the range', { from: '+10h' }, `${DEMO}: the recording has no interval with host statistics`],
  ])('refuses %s', async (_, changes, message) => {
    const failed = writeScenario({ ...BASE, ...changes }, capturedIo());
    await expect(failed).rejects.toThrow(OperatorError);
    await expect(failed).rejects.toThrow(message);
  });
});

describe('ballast whatif', () => {
  // What runs in threads is in test/process/docs.
  const whatif: WhatIfOptions = {
    ...{ recordings: [DEMO], config: null, policies: ['none'], parameters: [], seed: 1, durationMs: null },
    ...{ from: null, to: null, more: 0, jobs: 1, cache: false, json: false },
  };

  it.each([
    ['no policy', { policies: [] }, /^no policy given: use --policy balanced/],
    ['a policy that is not there', { policies: ['nothing'] }, /^there is no policy "nothing"/],
    [
      'what is no recording',
      { recordings: ['scenarios/leak.yaml'] },
      /^scenarios\/leak\.yaml: this is not a recording/,
    ],
  ])('refuses %s', async (_, changes, message) => {
    const io = capturedIo();
    const failed = simulateRecording({ ...whatif, ...changes }, io, new AbortController().signal);
    await expect(failed).rejects.toThrow(OperatorError);
    await expect(failed).rejects.toThrow(message);
    expect(io.stdout.text).toBe('');
  });

  it('ends when it is stopped, without a table', async () => {
    const io = capturedIo();
    expect(await simulateRecording(whatif, io, AbortSignal.abort())).toBe(1);
    expect(io.stdout.text).toBe('');
    expect(io.stderr.text).toMatch(/stopped: 0 of 2 simulations finished\n$/);
  });

  it('says how far the model is from the recording', () => {
    const errors = [
      { what: 'size' as const, meanKib: 2048, p95Kib: 4096, biasKib: -1024, meanShare: 0.01 },
      { what: 'free' as const, meanKib: 0, p95Kib: 0, biasKib: 0, meanShare: 0 },
    ];
    expect(
      errorTable(errors)
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ['simulated as recorded, off by', 'on average', 'of its memory', '95 % within', 'bias'],
      ['size of a guest', '2 MiB', '1.0 %', '4 MiB', '-1 MiB'],
      ['free memory of the host', '0 KiB', '0.0 %', '0 KiB', '+0 KiB'],
      [''],
      [''],
    ]);
    expect(JSON.parse(errorJson(scenario([]), errors))).toEqual({
      recording: 'test',
      model_error: {
        size: { mean_kib: 2048, p95_kib: 4096, bias_kib: -1024, mean_share: 0.01 },
        free: { mean_kib: 0, p95_kib: 0, bias_kib: 0, mean_share: 0 },
      },
    });
  });
});
