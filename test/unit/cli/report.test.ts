import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram } from '../../../src/cli/program.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { recordSmall } from '../../support/recordings.ts';

const DEMO = join(import.meta.dirname, '../../recordings/demo.jsonl.gz');

let folder: string;
let out: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-report-'));
  out = join(folder, 'out.html');
});
afterAll(() => rm(folder, { recursive: true }));

async function report(args: readonly string[], stop = new AbortController().signal) {
  const io = capturedIo();
  const signals = { stop, onReload: () => {}, isAlive: () => true };
  const code = await buildProgram(io, signals)(['report', ...args]);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

async function small(name: string, options: Parameters<typeof recordSmall>[1] = {}): Promise<string> {
  const path = join(folder, name);
  await rm(path, { force: true });
  await recordSmall(path, options);
  return path;
}

describe('ballast report', () => {
  it('writes a page', async () => {
    expect(await report([DEMO, '-o', out])).toEqual({ code: 0, stdout: '', stderr: '' });
    const page = await readFile(out, 'utf8');
    expect(page).toMatch(/^<!doctype html>/);
    for (const text of ['web-2', 'Host memory', 'saved by KSM', '80 took, 82 gave', 'Held back, by guard'])
      expect(page).toContain(text);
  });

  it('shows some guests and times', async () => {
    expect(await report([DEMO, '-o', out, '--guest', 'db-1', '--from', '03:35Z', '--to', '03:36Z'])).toMatchObject({
      code: 0,
      stderr: '',
    });
    const page = await readFile(out, 'utf8');
    expect(page).toContain('<h3>db-1</h3>');
    expect(page).not.toContain('web-2');
    expect(page).toContain('12 intervals of 5 s');
  });

  it('takes several files of one host in the order of their times', async () => {
    const later = await small('later.jsonl', { fromMs: Date.parse('2026-01-02T03:06:00Z'), intervals: 5 });
    const first = await small('first.jsonl', { intervals: 4 });
    expect(await report([later, first, first, '-o', out])).toMatchObject({ code: 0, stderr: '' });
    const page = await readFile(out, 'utf8');
    expect(page).toContain('9 intervals of 10 s');
    expect(page).not.toContain('was set back');
  });

  it('reads a damaged file up to the damage, says so on the page too, and exits with 1', async () => {
    const whole = (await readFile(await small('whole.jsonl', { intervals: 6 }), 'utf8')).trim().split('\n');
    const damaged = join(folder, 'damaged.jsonl');
    await writeFile(damaged, `${[...whole.slice(0, 4), '{"t": "<b>"}', ...whole.slice(4)].join('\n')}\n`);
    const { code, stderr } = await report([damaged, '-o', out]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `warning: ${damaged}:5: "t", the time, is missing; read up to there\n`,
    });
    const page = await readFile(out, 'utf8');
    expect(page).toContain('3 intervals of 10 s');
    expect(page).toContain('damaged.jsonl:5: &quot;t&quot;, the time, is missing');
  });

  it('reads a cut-off file to its last whole interval', async () => {
    const text = await readFile(await small('cut.jsonl', { intervals: 6 }), 'utf8');
    const cut = join(folder, 'cut-off.jsonl.gz');
    const packed = gzipSync(text);
    await writeFile(cut, packed.subarray(0, packed.length - 20));
    const { code, stderr } = await report([cut, '-o', out]);
    expect({ code, lines: stderr.split('\n').length > 1 }).toEqual({ code: 0, lines: true });
    expect(await readFile(out, 'utf8')).toMatch(/[345] intervals of 10 s/);
  });

  it.each([
    ['nothing.jsonl', null, /nothing\.jsonl: there is no such file\n$/],
    ['empty.jsonl', '', /empty\.jsonl: the recording is empty or its first line is incomplete\n$/],
    ['text.jsonl', 'hello\n', /text\.jsonl:1: this is not a recording: the first line should be a JSON object/],
  ])('refuses %s', async (name, text, message) => {
    const path = join(folder, name);
    if (text !== null) await writeFile(path, text);
    const { code, stderr } = await report([path, '-o', join(folder, 'never.html')]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(await readdir(folder)).not.toContain('never.html');
  });

  it('refuses recordings of several hosts, guests that are not there, and times without intervals', async () => {
    const one = await small('one.jsonl');
    const other = join(folder, 'other.jsonl');
    await writeFile(other, (await readFile(one, 'utf8')).replace('"name":"host"', '"name":"other"'));
    expect(await report([one, other, '-o', out])).toEqual({
      ...{ code: 2, stdout: '' },
      stderr: `these are recordings of several hosts: "host" (${one}), "other" (${other}); write one report for each\n`,
    });
    expect((await report([one, '-o', out, '-g', 'web-2'])).stderr).toBe(
      'there is no guest web-2 in the recording; did you mean web-1?\n',
    );
    expect((await report([one, '-o', out, '--to', '2026-01-01T00:00:00Z'])).stderr).toMatch(
      /there is no interval in it at this time; no report was written\n$/,
    );
  });

  it('says why the page cannot be written, and leaves nothing behind', async () => {
    const one = await small('write.jsonl');
    const target = join(folder, 'target');
    await mkdir(target);
    expect(await report([one, '-o', join(target, 'missing/out.html')])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/cannot be written: it, or the directory for it, is not there\n$/) as string,
    });
    expect(await report([one, '-o', '/dev/full'])).toMatchObject({
      code: 2,
      stderr: '/dev/full cannot be written: the disk is full\n',
    });
    expect(await readdir(target)).toEqual([]);
  });

  it('writes nothing when it is interrupted', async () => {
    const kept = join(folder, 'kept.html');
    await writeFile(kept, 'before');
    expect(await report([DEMO, '-o', kept], AbortSignal.abort())).toEqual({
      code: 1,
      stdout: '',
      stderr: `interrupted: ${kept} was not written\n`,
    });
    expect(await readFile(kept, 'utf8')).toBe('before');
  });
});
