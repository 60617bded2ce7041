import { readFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { runBallast, startBallast } from '../../support/ballast.ts';
import { at, config, fails, file, FIRST_LOOK, folder, leave, fromCheckout } from './support.ts';

const BALLOON = fromCheckout('policies/balloon.policy');

describe('a recording', () => {
  let lines: readonly string[];

  const replayed = (name: string): Promise<readonly string[]> => fails(['replay', name, '--policy', BALLOON], 2);

  beforeAll(async () => {
    const ballast = startBallast([
      'run',
      '--config',
      await config([`policy: ${FIRST_LOOK}`, `record: {path: ${at('good.jsonl')}}`]),
    ]);
    while (ballast.stderr.filter((line) => line.includes('host: free memory')).length < 6) {
      await ballast.waitForLine(/host: free memory/, 60_000, ballast.lineCount());
    }
    await leave(ballast);
    lines = (await readFile(at('good.jsonl'), 'utf8')).trimEnd().split('\n');
  });

  test('that was cut off is read to its last whole line, with a warning', async () => {
    await file('cut.jsonl', `${lines.slice(0, 4).join('\n')}\n${lines[4]?.slice(0, 50)}`);
    const exit = await runBallast(['replay', 'cut.jsonl', '--policy', BALLOON], { cwd: folder });
    expect(exit).toMatchObject({ code: 0, stderr: 'warning: cut.jsonl:5: the last line is incomplete and ignored' });
    expect(exit.stdout).toMatch(/intervals +3,/);
  });

  test('that was cut off in its compressed form', async () => {
    const whole = gzipSync(`${lines.join('\n')}\n`, { level: 0 });
    await file('cut.jsonl.gz', whole.subarray(0, whole.length - 100));
    const exit = await runBallast(['replay', 'cut.jsonl.gz', '--policy', BALLOON], { cwd: folder });
    expect(exit.code).toBe(0);
    expect(exit.stderr.split('\n')).toEqual([
      'warning: cut.jsonl.gz: the file was not closed properly; read up to its last complete line',
      `warning: cut.jsonl.gz:${lines.length}: the last line is incomplete and ignored`,
    ]);
  });

  test('of another version', async () => {
    await file('old.jsonl', lines.join('\n').replace('"ballast_recording":1', '"ballast_recording":7'));
    expect(await replayed('old.jsonl')).toEqual([
      'old.jsonl:1: the recording has version 7; this program reads version 1',
    ]);
  });

  test('whose compression is damaged', async () => {
    const whole = gzipSync(lines.join('\n'));
    whole.fill(0xff, 200, 220);
    await file('damaged.jsonl.gz', whole);
    expect(() => gunzipSync(whole)).toThrow();
    const [said, ...more] = await replayed('damaged.jsonl.gz');
    expect(said).toMatch(/^damaged\.jsonl\.gz: the compressed file is damaged: /);
    expect(more).toEqual([]);
  });

  test('that is empty', async () => {
    await file('empty.jsonl', '');
    await file('empty.jsonl.gz', gzipSync(''));
    expect(await replayed('empty.jsonl')).toEqual([
      'empty.jsonl: the recording is empty or its first line is incomplete',
    ]);
    expect(await replayed('empty.jsonl.gz')).toEqual([
      'empty.jsonl.gz: the recording is empty or its first line is incomplete',
    ]);
  });

  test('that is none', async () => {
    await file('text.jsonl', 'hello\n');
    expect(await replayed('text.jsonl')).toEqual([
      'text.jsonl:1: this is not a recording: the first line should be a JSON object with "ballast_recording"',
    ]);
    expect(await replayed('nowhere.jsonl')).toEqual(['nowhere.jsonl: there is no such file']);
    expect(await replayed('.')).toEqual(['.: this is a directory; a recording is a file']);
  });

  test('with a broken line in its middle', async () => {
    await file('broken.jsonl', lines.with(2, '{"t":1}').join('\n'));
    const exit = await runBallast(['replay', '--quiet', 'broken.jsonl', '--policy', BALLOON], { cwd: folder });
    expect(exit).toMatchObject({ code: 1, stdout: '' });
    expect(exit.stderr).toMatch(/^broken\.jsonl:3: "host" should be a list of \d+ values$/);
  });

  test('that there is no place for', async () => {
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
