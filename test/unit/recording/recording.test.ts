import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { EMPTY_MEMORY } from '../../../src/model/memory.ts';
import type { ParamOverride } from '../../../src/model/parameter.ts';
import type { RecordedInterval } from '../../../src/recording/format.ts';
import { openRecording, RecordingError } from '../../../src/recording/reader.ts';
import { Segment } from '../../../src/recording/segment.ts';
import { RecordingWriter, type RecordingEvent } from '../../../src/recording/writer.ts';
import { guestSnapshot, header, interval } from '../../support/builders.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-recording-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function read(path: string) {
  const warnings: string[] = [];
  const recording = await openRecording(path, { onCutOff: (message) => warnings.push(message) });
  const intervals: RecordedInterval[] = [];
  for await (const each of recording.intervals) intervals.push(each);
  return { header: recording.header, intervals, warnings, times: intervals.map(({ snapshot }) => snapshot.timeMs) };
}

/** A little more than a third of what is kept in memory. */
function large(timeMs: number): RecordedInterval {
  const each = interval(timeMs);
  const problems = [{ collector: 'host-memory', guest: null, message: 'x'.repeat(3_000_000) }];
  return { ...each, snapshot: { ...each.snapshot, problems } };
}

function writer(path: string, changes: { rotateBytes?: number; rotateMs?: number; keep?: number } = {}) {
  const events: RecordingEvent[] = [];
  const { started: _started, memory: _memory, ...rest } = header();
  const options = {
    path,
    rotateBytes: 1e9,
    rotateMs: 1e12,
    keep: 3,
    keepMs: -Infinity,
    keepBytes: 1e12,
    header: rest,
    ...changes,
  };
  return { writer: new RecordingWriter(options, (event) => events.push(event)), events };
}

async function written(path: string, count: number): Promise<void> {
  const { writer: out } = writer(path);
  for (let n = 1; n <= count; n++) await out.write(interval(n * 5000, [guestSnapshot(1, [n, 9])]), EMPTY_MEMORY);
  await out.close();
}

describe.each(['r.jsonl', 'r.jsonl.gz'])('a recording in %s', (name) => {
  it('round-trips', async () => {
    const path = join(folder, name);
    await written(path, 3);
    const { intervals, warnings } = await read(path);
    expect(intervals).toEqual([1, 2, 3].map((n) => interval(n * 5000, [guestSnapshot(1, [n, 9])])));
    expect(warnings).toEqual([]);
  });

  it('is readable up to its last line while it is being written', async () => {
    const path = join(folder, name);
    const { writer: out } = writer(path);
    await out.write(interval(5000), EMPTY_MEMORY);
    await out.write(interval(10000), EMPTY_MEMORY);
    expect((await read(path)).times).toEqual([5000, 10000]);
    await out.close();
  });

  it('is read up to its last complete line when it was truncated, with a warning', async () => {
    const path = join(folder, name);
    await written(path, 5);
    const complete = await readFile(path);
    const headerEnds = name.endsWith('gz') ? 0 : complete.indexOf(10) + 1;
    let shortest = Infinity;
    for (let length = complete.length - 1; length > headerEnds; length -= 7) {
      await writeFile(path, complete);
      await truncate(path, length);
      const result = await read(path).catch((error: Error) => error);
      if (result instanceof Error) {
        expect(result.message).toMatch(/empty|first line|not a recording/);
        continue;
      }
      const expected = [5000, 10000, 15000, 20000, 25000].slice(0, result.times.length);
      expect(result.times).toEqual(expected);
      const betweenLines = !name.endsWith('gz') && (complete[length - 1] === 10 || complete[length] === 10);
      expect(result.warnings.length > 0).toBe(!betweenLines);
      shortest = Math.min(shortest, result.times.length);
    }
    expect(shortest).toBe(0);
  });

  it('is rotated when full, with the newest files kept and the history at the start of the next', async () => {
    const path = join(folder, name);
    const { writer: out } = writer(path, { rotateMs: 10_000, keep: 2 });
    for (let n = 0; n < 12; n++) await out.write(interval(n * 5000), EMPTY_MEMORY);
    await out.close();
    expect(await readdir(folder)).toHaveLength(3);
    const { intervals } = await read(path);
    expect(intervals.map(({ snapshot, context }) => [snapshot.timeMs, context])).toEqual([
      [40000, true],
      [45000, true],
      [50000, false],
      [55000, false],
    ]);
  });

  it('has the parameters in the header of each file and where they change', async () => {
    const path = join(folder, name);
    const { writer: out } = writer(path, { rotateMs: 20_000, keep: 2 });
    const set = (given: string): ParamOverride[] => [
      { name: 'share', target: { kind: 'label', label: 'db' }, given },
      { name: 'room', target: { kind: 'all' }, given: 7 },
    ];
    const [some, others] = [set('25%'), set('30%')];
    const parameterSets = [some, some, others, [], some, others];
    for (const [n, parameters] of parameterSets.entries())
      await out.write(interval(n * 5000), EMPTY_MEMORY, parameters);
    await out.close();
    const { header: second, intervals } = await read(path);
    expect(second.parameters).toEqual(some);
    expect(intervals.filter(({ context }) => !context).map(({ parameters }) => parameters)).toEqual([
      undefined,
      others,
    ]);
    const older = (await readdir(folder)).find((each) => each !== name)!;
    const { header: first, intervals: before } = await read(join(folder, older));
    expect(first.parameters).toEqual(some);
    expect(before.map(({ parameters }) => parameters)).toEqual([undefined, undefined, others, []]);
  });

  it('does not append to a file of an earlier run', async () => {
    const path = join(folder, name);
    await written(path, 2);
    await written(path, 3);
    expect((await readdir(folder)).length).toBe(2);
    expect((await read(path)).times).toEqual([5000, 10000, 15000]);
  });
});

describe('RecordingWriter on a file system that fails', () => {
  it('reports the failure once, keeps the intervals and writes them when it can', async () => {
    const blocked = join(folder, 'not-a-folder');
    await writeFile(blocked, '');
    const path = join(blocked, 'r.jsonl');
    const { writer: out, events } = writer(path);
    await out.write(interval(5000), EMPTY_MEMORY);
    await out.write(interval(10000), EMPTY_MEMORY);
    expect(events.map(({ kind }) => kind)).toEqual(['failed']);
    await rm(blocked);
    await out.write(interval(15000), EMPTY_MEMORY);
    await out.close();
    expect(events.slice(1)).toEqual([
      { kind: 'opened', path },
      { kind: 'resumed', path, lost: 0 },
    ]);
    expect((await read(path)).intervals.map(({ context, snapshot }) => (context ? null : snapshot.timeMs))).toEqual([
      5000, 10_000, 15_000,
    ]);
  });

  it('loses the oldest intervals when there are too many to keep, and no file has a gap', async () => {
    const blocked = join(folder, 'not-a-folder');
    await writeFile(blocked, '');
    const path = join(blocked, 'r.jsonl');
    const { writer: out, events } = writer(path);
    for (const timeMs of [5000, 10_000, 15_000, 20_000]) await out.write(large(timeMs), EMPTY_MEMORY);
    await rm(blocked);
    await out.close();
    expect(events.at(-1)).toEqual({ kind: 'resumed', path, lost: 2 });
    expect((await read(path)).intervals.map(({ context, snapshot }) => [context, snapshot.timeMs])).toEqual([
      [true, 5000],
      [true, 10_000],
      [false, 15_000],
      [false, 20_000],
    ]);
  });

  it('writes what it kept at its end, when it can', async () => {
    const blocked = join(folder, 'not-a-folder');
    await writeFile(blocked, '');
    const path = join(blocked, 'r.jsonl');
    const { writer: out, events } = writer(path);
    await out.write(interval(5000), EMPTY_MEMORY);
    await rm(blocked);
    await out.close();
    expect(events.at(-1)).toEqual({ kind: 'resumed', path, lost: 0 });
    expect((await read(path)).times).toEqual([5000]);
  });

  it('reports at its end how many intervals were lost', async () => {
    const blocked = join(folder, 'not-a-folder');
    await writeFile(blocked, '');
    const path = join(blocked, 'r.jsonl');
    const { writer: out, events } = writer(path);
    for (const timeMs of [5000, 10_000]) await out.write(interval(timeMs), EMPTY_MEMORY);
    await out.close();
    expect(events.slice(1)).toEqual([{ kind: 'ended', path, lost: 2 }]);
  });
});

describe('RecordingWriter and existing files', () => {
  it('reports a path that is not a file and leaves it unchanged', async () => {
    const path = join(folder, 'r.jsonl');
    await mkdir(path);
    const { writer: out, events } = writer(path);
    await out.write(interval(5000), EMPTY_MEMORY);
    await out.close();
    expect(events).toMatchObject([
      { kind: 'failed', error: { message: expect.stringContaining('not a regular file') as string } },
      { kind: 'ended', lost: 1 },
    ]);
    expect(await readdir(folder)).toEqual(['r.jsonl']);
  });

  it('keeps each rotated file, also of two that end in the same millisecond', async () => {
    const path = join(folder, 'r.jsonl');
    for (const count of [1, 2, 3]) {
      await written(path, count);
      await utimes(path, 1000, 1000);
    }
    const aside = (await readdir(folder)).filter((name) => name !== 'r.jsonl').sort();
    expect(aside).toEqual(['r.19700101T001640000Z.jsonl', 'r.19700101T001640001Z.jsonl']);
    expect(await Promise.all(aside.map(async (name) => (await read(join(folder, name))).times.length))).toEqual([1, 2]);
  });
});

describe('RecordingWriter on a disk that hangs', () => {
  /** The next append waits until the returned function is called. */
  function hang(): () => void {
    let finish = (): void => undefined;
    const append = Segment.prototype.append;
    const hanging = vi.spyOn(Segment.prototype, 'append').mockImplementationOnce(async function (this: Segment, line) {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      await append.call(this, line);
    });
    onTestFinished(() => hanging.mockRestore());
    return () => finish();
  }

  it('does not wait: keeps intervals, reports it once and writes them later', async () => {
    const path = join(folder, 'r.jsonl');
    const { writer: out, events } = writer(path);
    await out.write(interval(5000), EMPTY_MEMORY);
    const finish = hang();
    for (const timeMs of [10_000, 15_000, 20_000]) await out.write(interval(timeMs), EMPTY_MEMORY);
    finish();
    await vi.waitFor(async () => expect((await read(path)).times).toEqual([5000, 10_000, 15_000, 20_000]), 30_000);
    await out.write(interval(25_000), EMPTY_MEMORY);
    await out.close();
    expect(events).toMatchObject([
      { kind: 'opened' },
      { kind: 'failed', error: { message: expect.stringContaining('has not finished') as string } },
      { kind: 'resumed', lost: 0 },
    ]);
    expect((await read(path)).times).toEqual([5000, 10_000, 15_000, 20_000, 25_000]);
  });

  it('begins a new file after intervals that were lost meanwhile', async () => {
    const path = join(folder, 'r.jsonl');
    const { writer: out, events } = writer(path);
    await out.write(interval(5000), EMPTY_MEMORY);
    const finish = hang();
    for (const timeMs of [10_000, 15_000, 20_000, 25_000, 30_000]) await out.write(large(timeMs), EMPTY_MEMORY);
    finish();
    await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ kind: 'resumed', lost: 2 }), 30_000);
    await out.close();
    const [rotated] = (await readdir(folder)).filter((file) => file !== 'r.jsonl');
    expect((await read(join(folder, rotated!))).times).toEqual([5000, 10_000]);
    expect(
      (await read(path)).intervals.filter(({ context }) => !context).map(({ snapshot }) => snapshot.timeMs),
    ).toEqual([25_000, 30_000]);
  });
});

describe('openRecording', () => {
  const cases: [what: string, content: string | Buffer, message: RegExp][] = [
    ['an empty file', '', /empty/],
    ['text', 'hello\n', /:1: this is not a recording/],
    ['other JSON', '{"a":1}\n', /"ballast_recording" is missing/],
    [
      'another version',
      `${JSON.stringify({ ...header(), ballast_recording: 99 })}\n`,
      /version 99; this program reads version 1/,
    ],
    ['an incomplete header', '{"ballast_recording":1}\n', /"started" in the first line is invalid/],
    [
      'deeply nested lists',
      `${JSON.stringify({ ...header(), memory: { host: { x: 0 }, guests: {} } }).replace('{"x":0}', `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)}\n`,
      /"memory.host.x" in the first line is invalid: not a policy value/,
    ],
    ['a damaged gzip file', Buffer.concat([gzipSync('x').subarray(0, 12), Buffer.from('garbage garbage')]), /damaged/],
  ];
  it.each(cases)('rejects %s', async (_what, content, message) => {
    const path = join(folder, 'r');
    await writeFile(path, content);
    const result = await read(path).catch((error: unknown) => error);
    expect(result).toBeInstanceOf(RecordingError);
    expect((result as Error).message).toMatch(message);
    expect((result as Error).message).toContain(path);
  });

  it('distinguishes a missing file from a directory', async () => {
    await expect(read(join(folder, 'none'))).rejects.toThrow(/no such file/);
    await expect(read(folder)).rejects.toThrow(/directory/);
    await symlink('loop', join(folder, 'loop'));
    await expect(read(join(folder, 'loop'))).rejects.toThrow(/loop: its links lead round in a circle$/);
  });

  it('reports the number of a damaged line in the middle', async () => {
    const path = join(folder, 'r.jsonl');
    await written(path, 1);
    await appendFile(path, '{"t":1\n');
    await appendFile(path, `{"t":2,"host":null,"guests":[]}\n`);
    await expect(read(path)).rejects.toThrow(/r\.jsonl:3: /);
  });

  it('reads old recordings, whose guests have no labels', async () => {
    const path = join(folder, 'r.jsonl');
    await writeFile(
      path,
      `${JSON.stringify(header({ guest_props: ['id', 'pid'] }))}\n{"t":2,"host":null,"guests":[["g","u",[1,2],[3,4]]]}\n`,
    );
    expect((await read(path)).intervals[0]!.snapshot.guests[0]!.props).toEqual({
      name: 'g',
      uuid: 'u',
      id: 1,
      pid: 2,
      labels: '',
    });
  });

  it.each([
    ['{"t":2,"host":[1],"guests":[]}', /"host" should be a list of 2 values/],
    ['{"t":2,"host":null,"guests":[["g","u",[1,2,"db"],[1]]]}', /guest 1 should have 2 values/],
    ['{"t":2,"host":null,"guests":7}', /"guests" should be a list/],
    ['{"host":null,"guests":[]}', /"t", the time, is missing/],
    ['{"t":1e300,"host":null,"guests":[]}', /"t", 1e\+300, is not a valid time/],
    ['{"t":2,"host":[1,{}],"guests":[]}', /"host" should be a list of 2 values/],
    [
      '{"t":2,"host":null,"guests":[["g","u",[1,2,"db"],[1,[2]]]]}',
      /guest 1 should have 2 values, each a number, a text/,
    ],
    ['{"t":2,"host":null,"guests":[["g","u",[1],[1,2]]]}', /guest 1 should have 3 properties/],
    ['{"t":2,"host":null,"guests":[7]}', /guest 1 has no name or uuid/],
    ['{"t":2,"host":null,"guests":[],"problems":7}', /"problems" should be a list/],
    [
      '{"t":2,"host":null,"guests":[],"problems":[{"collector":"c","guest":{},"message":"m"}]}',
      /"problems" should be a list of/,
    ],
  ])('rejects the line %s', async (line, message) => {
    const path = join(folder, 'r.jsonl');
    await writeFile(path, `${JSON.stringify(header())}\n${line}\n{"t":3,"host":null,"guests":[]}\n`);
    await expect(read(path)).rejects.toThrow(message);
  });
});
