import { readFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { runBallast, startBallast } from '../../support/ballast.ts';
import { at, config, fails, file, FIRST_LOOK, folder, fromCheckout, stopCleanly } from './support.ts';

const BALLOON = fromCheckout('policies/mom-balloon.policy');

describe('a recording', () => {
  let lines: readonly string[];

  const replayErrors = (name: string): Promise<readonly string[]> => fails(['replay', name, '--policy', BALLOON], 2);

  beforeAll(async () => {
    const ballast = startBallast([
      'run',
      '--config',
      await config([`policy: ${FIRST_LOOK}`, `record: {path: ${at('good.jsonl')}}`]),
    ]);
    while (ballast.stderr.filter((line) => line.includes('host: free memory')).length < 6) {
      await ballast.waitForLine(/host: free memory/, 60_000, ballast.lineCount());
    }
    await stopCleanly(ballast);
    lines = (await readFile(at('good.jsonl'), 'utf8')).trimEnd().split('\n');
  });

  test('a truncated recording is read up to its last complete line, with a warning', async () => {
    await file('cut.jsonl', `${lines.slice(0, 4).join('\n')}\n${lines[4]?.slice(0, 50)}`);
    const exit = await runBallast(['replay', 'cut.jsonl', '--policy', BALLOON], { cwd: folder });
    expect(exit).toMatchObject({ code: 0, stderr: 'warning: cut.jsonl:5: the last line is incomplete and ignored' });
    expect(exit.stdout).toMatch(/intervals +3,/);
  });

  test('a truncated compressed recording is read as far as possible, with warnings', async () => {
    const compressed = gzipSync(`${lines.join('\n')}\n`, { level: 0 });
    await file('cut.jsonl.gz', compressed.subarray(0, compressed.length - 100));
    const exit = await runBallast(['replay', 'cut.jsonl.gz', '--policy', BALLOON], { cwd: folder });
    expect(exit.code).toBe(0);
    expect(exit.stderr.split('\n')).toEqual([
      'warning: cut.jsonl.gz: the file was not closed properly; read up to its last complete line',
      `warning: cut.jsonl.gz:${lines.length}: the last line is incomplete and ignored`,
    ]);
  });

  test('a recording of another version is rejected', async () => {
    await file('old.jsonl', lines.join('\n').replace('"ballast_recording":1', '"ballast_recording":7'));
    expect(await replayErrors('old.jsonl')).toEqual([
      'old.jsonl:1: the recording has version 7; this program reads version 1',
    ]);
  });

  test('a damaged compressed recording is rejected', async () => {
    const compressed = gzipSync(lines.join('\n'));
    compressed.fill(0xff, 200, 220);
    await file('damaged.jsonl.gz', compressed);
    expect(() => gunzipSync(compressed)).toThrow();
    const [error, ...more] = await replayErrors('damaged.jsonl.gz');
    expect(error).toMatch(/^damaged\.jsonl\.gz: the compressed file is damaged: /);
    expect(more).toEqual([]);
  });

  test('an empty recording is rejected', async () => {
    await file('empty.jsonl', '');
    await file('empty.jsonl.gz', gzipSync(''));
    expect(await replayErrors('empty.jsonl')).toEqual([
      'empty.jsonl: the recording is empty or its first line is incomplete',
    ]);
    expect(await replayErrors('empty.jsonl.gz')).toEqual([
      'empty.jsonl.gz: the recording is empty or its first line is incomplete',
    ]);
  });

  test('anything but a recording is rejected', async () => {
    await file('text.jsonl', 'hello\n');
    expect(await replayErrors('text.jsonl')).toEqual([
      'text.jsonl:1: this is not a recording: the first line should be a JSON object with "ballast_recording"',
    ]);
    expect(await replayErrors('nowhere.jsonl')).toEqual(['nowhere.jsonl: there is no such file']);
    expect(await replayErrors('.')).toEqual(['.: this is a directory; a recording is a file']);
  });

  test('an invalid line in the middle is reported', async () => {
    await file('broken.jsonl', lines.with(2, '{"t":1}').join('\n'));
    const exit = await runBallast(['replay', '--quiet', 'broken.jsonl', '--policy', BALLOON], { cwd: folder });
    expect(exit).toMatchObject({ code: 1, stdout: '' });
    expect(exit.stderr).toMatch(
      /^broken\.jsonl:3: "host" should be a list of \d+ values, each a number, a text, true, false or null$/,
    );
  });

  test('recording to a missing directory is rejected', async () => {
    await file('occupied', '');
    const record = async (path: string): Promise<readonly string[]> =>
      fails(['record', path, '--config', await config()], 2);
    expect(await record('nowhere/day.jsonl')).toEqual([
      'cannot record to nowhere/day.jsonl: there is no such directory',
    ]);
    expect(await record('occupied/day.jsonl')).toEqual([
      'cannot record to occupied/day.jsonl: its path leads through a file',
    ]);
  });
});
