import { PassThrough } from 'node:stream';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram } from '../../../src/cli/program.ts';
import { fit, width } from '../../../src/cli/top/text-width.ts';
import { ORDERS } from '../../../src/cli/top/sort.ts';
import { frameOf } from '../../../src/cli/top/view.ts';
import { Feed, type Answers } from '../../../src/cli/top/feed.ts';
import type { ControlClient } from '../../../src/control/client.ts';
import { Captured, capturedIo } from '../../support/captured-io.ts';
import { controlDaemon } from '../../support/control-daemon.ts';
import { sharedHost } from '../../support/running-daemon.ts';

let folder: string;
let answers: Answers;
let socket: string;
let client: ControlClient;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-top-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function daemon() {
  const host = await sharedHost(folder, [{ name: 'a' }, { name: 'b' }]);
  const policy = '(with Guests g (g.Control "balloon_target" (* 0.5 g.balloon_max) "to half"))';
  const running = await controlDaemon(folder, host, policy);
  ({ client } = running);
  socket = running.sockets.status;
  await running.until('two writes', async () => (await client.call('decisions')).decisions.length >= 2);
  answers = (await Feed.open(client)).answers;
  return running;
}

async function top(args: readonly string[], changes: object = {}, stop = new AbortController().signal) {
  const io = { ...capturedIo(), ...changes };
  const code = await buildProgram(io, { stop, onReload: () => {}, isAlive: () => true })(['top', ...args]);
  return { code, stdout: (io.stdout as Captured).text, stderr: io.stderr.text };
}

/** A terminal: keys can be pressed, and it tells of each frame. */
class FakeTerminal extends Captured {
  columns = 80;
  rows = 24;
  readonly keys = Object.assign(new PassThrough(), {
    isTTY: true,
    modes: [] as boolean[],
    setRawMode(raw: boolean) {
      this.modes.push(raw);
    },
  });
  readonly #onFrame: (frame: string, terminal: FakeTerminal) => void;

  constructor(onFrame: (frame: string, terminal: FakeTerminal) => void) {
    super(true);
    this.#onFrame = onFrame;
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: () => void): void {
    super._write(chunk, encoding, done);
    if (chunk.toString().startsWith('\u001b[H')) this.#onFrame(chunk.toString(), this);
  }
}

describe('ballast top', () => {
  it('prints one frame, or JSON, with --once; and says so when no daemon runs', async () => {
    await daemon();
    const once = await top(['--once', '--socket', socket, '--sort', 'name']);
    expect(once).toMatchObject({ code: 0, stderr: '' });
    expect(once.stdout).toMatch(/^ballast .*\n(?:.*\n)+guest +size +wanted +max {2}notes\na .*\nb .*\n$/);
    const { stdout } = await top(['--once', '--json', '--socket', socket]);
    expect(JSON.parse(stdout)).toMatchObject({ status: { version: '0.0.0' }, guests: [{ name: 'a' }, { name: 'b' }] });
    expect(await top(['--socket', join(folder, 'none.sock')])).toMatchObject({ code: 2, stdout: '' });
    expect((await top(['--interval', '1ms'])).code).toBe(2);
  });

  it('redraws a terminal, obeys its keys, and leaves it as it was', async () => {
    await daemon();
    const seen: string[] = [];
    const terminal = new FakeTerminal((frame, { keys }) => {
      seen.push(frame);
      if (seen.length === 1) keys.write('s');
      if (seen.length === 2) keys.write('\u001b[B\u001b');
      if (seen.length === 3) keys.write('xq');
    });
    const named = { stdout: terminal, stdin: terminal.keys, terminal: { name: 'xterm', noColor: false } };
    expect((await top(['--socket', socket], named)).code).toBe(0);
    expect(seen[0]).toContain('sort: attention');
    expect(seen[1]).toContain('sort: name');
    expect(seen[0]).toContain('\u001b[7mguest');
    expect(terminal.keys.modes).toEqual([true, false]);
    expect(terminal.text).toMatch(/^\u001b\[\?1049h[^]*\u001b\[\?1049l$/); // eslint-disable-line no-control-regex
    expect(terminal.keys.listenerCount('data') + terminal.listenerCount('resize')).toBe(0);
  });

  it('uses no colours with NO_COLOR, and no more rows than there are after a resize', async () => {
    await daemon();
    const seen: string[] = [];
    const terminal = new FakeTerminal((frame, self) => {
      seen.push(frame);
      if (seen.length === 2) return void self.keys.end('q');
      [self.columns, self.rows] = [20, 4];
      self.emit('resize');
    });
    await top(['--socket', socket], {
      stdout: terminal,
      stdin: terminal.keys,
      terminal: { name: 'xterm', noColor: true },
    });
    expect(terminal.text).not.toMatch(/\u001b\[[\d;]*m/); // eslint-disable-line no-control-regex
    expect(seen[1]!.split('\n').length).toBeLessThanOrEqual(4);
  });

  it('ends when its terminal is closed, and by a signal', async () => {
    await daemon();
    const closed = new FakeTerminal((_frame, { keys }) => keys.destroy(new Error('EIO')));
    const named = { name: 'xterm', noColor: false };
    expect((await top(['--socket', socket], { stdout: closed, stdin: closed.keys, terminal: named })).code).toBe(0);
    const stop = new AbortController();
    const stopped = new FakeTerminal(() => stop.abort());
    expect((await top(['--socket', socket], { stdout: stopped, stdin: stopped.keys, terminal: named }, stop.signal)).code).toBe(0); // prettier-ignore
  });

  it('says that an answer is of another version, and goes on', async () => {
    await daemon();
    let isOther = true;
    const other = { call: (async (name: 'status') => (isOther ? { other: name } : client.call(name))) as never };
    await expect(Feed.open(other)).rejects.toThrow(/not understood/);
    isOther = false;
    const feed = await Feed.open(other);
    isOther = true;
    await feed.refresh();
    expect(feed.answers).toMatchObject({ status: { version: '0.0.0' }, trouble: { message: expect.stringMatching(/not understood/) as string } }); // prettier-ignore
    isOther = false;
    await feed.refresh();
    expect(feed.answers.trouble).toBeNull();
  });
});

it('fills no more of a terminal than there is, whatever a daemon answers', async () => {
  await daemon();
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.constantFrom('\u001b[2J', '数据库', `z${'\u0301'.repeat(500)}`, 'x'.repeat(3000), '😀', '\u202e')); // prettier-ignore
  const kib = fc.oneof(fc.constant(null), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
  const base = answers.guests.guests[0]!;
  const guest = fc
    .record({
      ...{ name: text, state: fc.oneof(fc.constant(null), text), reason: fc.oneof(fc.constant(null), text) },
      ...{ size_kib: kib, wanted_kib: kib, max_kib: kib, floor_kib: kib, usable_kib: kib, resident_kib: kib },
      ...{ pain_age_s: kib, paused: fc.oneof(fc.constant(null), text), excluded: fc.oneof(fc.constant(null), text) },
      flags: fc.array(text, { maxLength: 3 }),
      target_time: fc.constantFrom(null, '2026-01-02T03:04:05Z'),
    })
    .map((changes) => ({ ...base, ...changes }));
  const choice = fc.record({ order: fc.constantFrom(...ORDERS), reversed: fc.boolean(), offset: fc.nat(30) });
  const view = fc.record({ columns: fc.integer({ min: 1, max: 200 }), rows: fc.integer({ min: 1, max: 60 }), hasKeys: fc.boolean() }); // prettier-ignore
  const problems = fc.array(text, { maxLength: 8 });
  const trouble = fc.oneof(
    fc.constant(null),
    text.map((message) => ({ message, sinceMs: 0 })),
  );
  fc.assert(
    fc.property(
      fc.array(guest, { maxLength: 20 }),
      choice,
      view,
      problems,
      trouble,
      (guests, chosen, size, wrong, why) => {
        const state = { ...answers, status: { ...answers.status, problems: wrong }, guests: { ...answers.guests, guests }, trouble: why }; // prettier-ignore
        const { lines, first, page } = frameOf(state, chosen, size, 0);
        expect(lines.length).toBeLessThanOrEqual(size.rows);
        expect(first + Math.min(page, guests.length)).toBeLessThanOrEqual(guests.length);
        for (const line of lines) {
          expect(width(line.text)).toBeLessThanOrEqual(size.columns);
          expect(line.text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        }
      },
    ),
    { numRuns: 500 },
  );
});

it('fits text into cells', () => {
  expect([fit('abc', 5), fit('abc', 5, 'right'), fit('abcdef', 4)]).toEqual(['abc  ', '  abc', 'abc~']);
  expect([fit('数据库', 6), fit('数据库', 5), fit('数据库', 4)]).toEqual(['数据库', '数据~', '数~ ']);
  expect([width('e\u0301'), width('数a'), fit('x', 0)]).toEqual([1, 3, '']);
});

it('leaves the terminal as it was when something unexpected happens', async () => {
  await daemon();
  const terminal = new FakeTerminal((_frame, self) => {
    Object.defineProperty(self, 'columns', {
      get: () => {
        throw new Error('of this test');
      },
    });
    self.emit('resize');
  });
  const named = { stdout: terminal, stdin: terminal.keys, terminal: { name: 'xterm', noColor: false } };
  await expect(top(['--socket', socket], named)).rejects.toThrow('of this test');
  expect(terminal.keys.modes).toEqual([true, false]);
  expect(terminal.text.endsWith('\u001b[?25h\u001b[?1049l')).toBe(true);
});

it('looks as in the picture of the README', async () => {
  await daemon();
  const chosen = { order: 'attention', reversed: false, offset: 0 } as const;
  const { lines } = frameOf(answers, chosen, { columns: 79, rows: 24, hasKeys: true }, answers.answeredMs);
  const picture = readFileSync('docs/top.svg', 'utf8');
  // Figures and the pause of the picture differ; words and the places of columns do not.
  const masked = (text: string) => text.trim().replace(/PAUSED: 1 guest; /, '').replaceAll(/-?\d[\d.]*(?: (?:[KMGT]iB|ms|s|%))?/g, '#').replace('write,', 'writes,').replace(/# write$/, '# writes'); // prettier-ignore
  const drawn = [...picture.matchAll(/<text [^>]*>(.*)<\/text>/g)].map(([, words]) => masked(words!));
  const shown = lines.filter(({ text }) => /^(?:ballast|host|guests?|KSM|q quit)\b/.test(text));
  expect(shown).toHaveLength(6);
  for (const { text } of shown)
    expect(drawn, 'docs/top.svg is older than "ballast top"; "npm run pictures top" draws it').toContain(masked(text));
});
