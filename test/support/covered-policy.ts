import { expect } from 'vitest';
import { runPolicyTests } from '../../src/cli/handlers/test.ts';
import type { Vocabulary } from '../../src/model/vocabulary.ts';
import { capturedIo } from './captured-io.ts';

/** Expects the tests in a file to pass and to reach all branches of their policy. */
export async function expectCovered(file: string, vocabulary: Vocabulary): Promise<void> {
  const io = capturedIo();
  const options = {
    files: [file],
    filter: null,
    coverage: true,
    minCoverage: 100,
    junit: null,
    json: false,
    clock: () => performance.now(),
  };
  const code = await runPolicyTests(options, io, vocabulary);
  expect({ code, stderr: io.stderr.text }, io.stdout.text).toEqual({ code: 0, stderr: '' });
}
