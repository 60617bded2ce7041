import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram } from '../../../src/cli/program.ts';
import type { TimelineLine } from '../../../src/tooling/timeline/event.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { controlDaemon } from '../../support/control-daemon.ts';
import { sharedHost } from '../../support/running-daemon.ts';

const ROOT = join(import.meta.dirname, '../../..');
const DEMO = join(ROOT, 'test/recordings/demo.jsonl.gz');
const FROM_MS = Date.parse('2026-01-02T03:04:00Z');
const GIB = 1024 * 1024;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-timeline-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function timeline(...args: string[]) {
  const io = capturedIo();
  const signals = { stop: new AbortController().signal, onReload: () => {}, isAlive: () => true };
  const code = await buildProgram(io, signals)(['timeline', ...args]);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

function header(started = FROM_MS): string {
  return JSON.stringify({
    ...{ ballast_recording: 1, started: new Date(started).toISOString(), host_props: {}, collect_interval_ms: 10_000 },
    ...{ policy_interval_ms: 10_000, history: 10, host_fields: [], guest_fields: [], guest_props: [] },
    memory: { host: {}, guests: {} },
  });
}

const ref = (name: string) => ({ name, uuid: `uuid of ${name}` });

function move(name: string, from: number, to: number, more: object = {}, outcome: object = {}) {
  const action = {
    ...{ controller: 'Balloon', control: 'balloon_target', guest: ref(name), from, to, message: 'moved' },
    ...{ reason: null, position: { file: 'a.policy', line: 2, column: 3 }, notes: [], ...more },
  };
  return { action, status: 'done', detail: null, ...outcome };
}

function line(seconds: number, policy: object | null, more: object = {}): string {
  const lists = { requests: [], errors: [], held: [], outcomes: [] };
  return JSON.stringify({
    ...{ t: FROM_MS + seconds * 1000, host: [], guests: [['web-1', 'uuid of web-1', [], []]] },
    ...(policy && { policy: { ...lists, ...policy } }),
    ...more,
  });
}

async function recording(name: string, ...lines: readonly string[]): Promise<string> {
  const path = join(folder, name);
  const text = [header(), ...lines].map((each) => `${each}\n`).join('');
  await writeFile(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
}

describe('ballast timeline RECORDING', () => {
  it('says who took memory from whom, when and why, in one line each', async () => {
    const path = await recording(
      'moves.jsonl.gz',
      line(0, {
        outcomes: [
          move('web-1', GIB, GIB / 2, { reason: 'free 15.1% < 20%', notes: ['raised from 262144 to 524288: floor'] }),
          move('db-1', GIB, 1.25 * GIB, { guard: 'pain', position: null }),
          move('db-2', GIB, GIB + 1024, { position: null }),
        ],
      }),
      line(10, { outcomes: [move('web-1', GIB, GIB / 2, {}, { status: 'refused', detail: 'no such device' })] }),
      line(20, null, { relief: { requests: [], errors: [], held: [], outcomes: [move('web-1', GIB / 2, GIB)] } }),
    );
    expect(await timeline(path)).toEqual({
      code: 0,
      stderr: '',
      stdout: [
        '2026-01-02T03:04:00.000Z  web-1              -512 MiB  1 GiB to 512 MiB, requested at a.policy:2:3, reason: free 15.1% < 20%, raised from 256 MiB to 512 MiB: floor, given meanwhile: db-1 +256 MiB, db-2 +1 MiB',
        '2026-01-02T03:04:00.000Z  db-1               +256 MiB  1 GiB to 1.25 GiB, requested by the guard pain, taken meanwhile: web-1 -512 MiB',
        '2026-01-02T03:04:00.000Z  db-2                 +1 MiB  1 GiB to 1 GiB, requested by Ballast, taken meanwhile: web-1 -512 MiB',
        '2026-01-02T03:04:10.000Z  web-1               refused  1 GiB to 512 MiB, no such device, requested at a.policy:2:3',
        '2026-01-02T03:04:20.000Z  web-1              +512 MiB  512 MiB to 1 GiB, requested at a.policy:2:3',
        '',
      ].join('\n'),
    });
  });

  it('shows KSM and what was held back with --all: each hold once, when it begins', async () => {
    const held = (why: string) => [
      { kind: 'held', controller: 'Balloon', control: 'balloon_target', guest: ref('web-1'), wanted: GIB, why, guard: 'stale' },
      { kind: 'unchanged', controller: 'Balloon', control: 'balloon_target', guest: ref('db-1'), wanted: GIB, why: 'same' },
    ]; // prettier-ignore
    const ksm = move('', 64, 128, { guest: null, control: 'ksm_pages_to_scan' });
    const path = await recording(
      'holds.jsonl',
      line(0, { held: held('11 s old'), outcomes: [ksm] }),
      line(10, { held: held('21 s old') }),
      line(20, { outcomes: [move('web-1', GIB, GIB / 2, {}, { status: 'held', detail: 'paused' })] }),
      line(30, { held: held('11 s old') }),
    );
    expect((await timeline(path)).stderr).toMatch(
      /^no balloon was changed in .*; --all also shows what was held back\n$/,
    );
    expect((await timeline(path, '--all')).stdout.split('\n')).toEqual([
      '2026-01-02T03:04:00.000Z  web-1             held back  the request for balloon_target 1 GiB, held back by the guard stale: 11 s old',
      '2026-01-02T03:04:00.000Z  host                   done  ksm_pages_to_scan 64 to 128, requested at a.policy:2:3',
      '2026-01-02T03:04:20.000Z  web-1             held back  the request for balloon_target 512 MiB, held back by Ballast: paused',
      '2026-01-02T03:04:30.000Z  web-1             held back  the request for balloon_target 1 GiB, held back by the guard stale: 11 s old',
      '',
    ]);
  });

  it('limits guest and time, also with other clocks of the command line', async () => {
    const minutes = [0, 1, 2, 3].map((at) => line(at * 60, { outcomes: [move('web-1', GIB, GIB - at * 1024)] }));
    const path = await recording('times.jsonl', ...minutes);
    const times = async (...args: string[]) =>
      (await timeline(path, '--json', ...args)).stdout
        .split('\n')
        .filter(Boolean)
        .map((text) => (JSON.parse(text) as TimelineLine).time.slice(14, 19));
    expect(await times('--from', '03:05Z', '--to', '03:06Z')).toEqual(['05:00', '06:00']);
    expect(await times('--from', '+2min')).toEqual(['06:00', '07:00']);
    expect(await times('--to', '2026-01-02T03:04:00Z')).toEqual(['04:00']);
    expect(await times('--guest', 'uuid of web-1', '--from', 'last')).toEqual(['07:00']);
    expect(await timeline(path, '--from', 'soon')).toMatchObject({ code: 2, stdout: '' });
    expect(await timeline(path, '--guest', 'web-2')).toEqual({
      ...{ code: 2, stdout: '' },
      stderr: `there is no guest web-2 in ${path}; did you mean web-1?\n`,
    });
  });

  it('reads the files of a rotated recording one after the other', async () => {
    const rotated = await mkdtemp(join(folder, 'rotated-'));
    const write = (name: string, seconds: number) =>
      writeFile(
        join(rotated, name),
        `${header(FROM_MS + seconds * 1000)}\n${line(seconds, { outcomes: [move('web-1', GIB, 1024 * (seconds + 1))] })}\n`,
      );
    await write('day.jsonl', 100);
    await write('day.20260102T030400000Z.jsonl', 0);
    expect((await timeline(rotated)).stdout.match(/T03:\d\d:\d\d/g)).toEqual(['T03:04:00', 'T03:05:40']);
  });

  it('reads what is complete of a file that is cut off, plain or compressed', async () => {
    const whole = await recording('whole.jsonl', ...[0, 1, 2].map((at) => line(at, { outcomes: [move('web-1', GIB, 1)] }))); // prettier-ignore
    const { stdout } = await timeline(whole);
    const text = [header(), ...[0, 1, 2].map((at) => line(at, { outcomes: [move('web-1', GIB, 1)] }))].join('\n');
    const cut = join(folder, 'cut.jsonl');
    await writeFile(cut, text.slice(0, -20));
    expect(await timeline(cut)).toEqual({
      ...{ code: 0, stdout: `${stdout.split('\n').slice(0, 2).join('\n')}\n` },
      stderr: `warning: ${cut}:4: the last line is incomplete and ignored\n`,
    });
    await writeFile(join(folder, 'cut.jsonl.gz'), gzipSync(text).subarray(0, -12));
    expect((await timeline(join(folder, 'cut.jsonl.gz'))).code).toBe(0);
    await writeFile(cut, `${header()}\n{"t": 1}\n${line(1, null)}\n`);
    expect(await timeline(cut)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^\S*cut.jsonl:2: /) as string,
    });
    expect((await timeline(join(folder, 'missing.jsonl'))).code).toBe(2);
  });

  // The example in docs/explain.md. `npx vitest run test/unit/cli/timeline.test.ts -u` writes the file.
  it('shows the demo without a policy', async () => {
    const { code, stdout } = await timeline(DEMO, '--guest', 'db-1', '--to', '03:36:20Z');
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot(join(ROOT, 'test/recordings/timeline/db-1.txt'));
  });
});

it('prints lines that no content of a recording can break, and bounded ones', async () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 30 }), fc.constant('\u001b[2J\n\u202e'), fc.constant('x'.repeat(5000))); // prettier-ignore
  const value = fc.oneof(fc.double(), fc.integer(), text, fc.boolean(), fc.constant(null), fc.array(fc.integer()));
  const odd = fc.oneof(fc.constant(undefined), fc.constant(null));
  const outcome = fc.record({
    status: fc.oneof(fc.constantFrom('done', 'held', 'refused'), text),
    detail: fc.oneof(text, odd),
    action: fc.record({
      ...{ controller: text, message: text, from: value, to: value },
      control: fc.oneof(fc.constant('balloon_target'), text),
      guest: fc.oneof(odd, fc.record({ name: text, uuid: text })),
      reason: fc.oneof(text, odd),
      position: fc.oneof(odd, fc.record({ file: text, line: fc.integer(), column: fc.integer() })),
      notes: fc.oneof(odd, fc.array(text, { maxLength: 20 })),
      guard: fc.oneof(text, fc.constant({}), odd),
    }),
  });
  const hold = fc.record({
    kind: fc.oneof(fc.constant('held'), odd),
    guest: fc.oneof(odd, fc.record({ name: text, uuid: text })),
    ...{ control: text, wanted: value, why: text, guard: fc.oneof(text, odd, fc.constant(7)) },
  });
  await fc.assert(
    fc.asyncProperty(fc.array(outcome, { maxLength: 5 }), fc.array(hold, { maxLength: 3 }), async (outcomes, held) => {
      const path = await recording('hostile.jsonl', line(0, { outcomes, held }));
      const { code, stdout, stderr } = await timeline(path, '--all');
      expect({ code, stderr: stderr.replace(/^no balloon.*\n/, '') }).toEqual({ code: 0, stderr: '' });
      const lines = stdout.split('\n').slice(0, -1);
      expect(lines.length).toBe(outcomes.length + held.filter(({ kind }) => kind === 'held').length - repeated(held));
      for (const each of lines) {
        expect(each).toMatch(/^2026-01-02T03:04:00\.000Z {2}\S+ +/);
        expect(each).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
        expect(each.length).toBeLessThan(40_000);
      }
      const json = (await timeline(path, '--all', '--json')).stdout.split('\n').slice(0, -1);
      expect(json.map((each) => (JSON.parse(each) as TimelineLine).time)).toEqual(
        lines.map((each) => each.slice(0, 24)),
      );
      for (const each of json) expect(each).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
    }),
    { numRuns: 60 },
  );
});

/** Holds of one control of one guest with the same reason are one. */
function repeated(held: readonly { readonly kind?: unknown }[]): number {
  const keys = held
    .filter(({ kind }) => kind === 'held')
    .map((each) => {
      const { guest, control, guard, why } = each as { guest?: { uuid: string }; control: string; guard: unknown; why: string }; // prettier-ignore
      return JSON.stringify([
        guest?.uuid,
        control,
        guard,
        why.replace(/\d+(?:\.\d+)?(?: (?:KiB|MiB|GiB|s|min|h)\b)?/g, '#'),
      ]);
    });
  return keys.length - new Set(keys).size;
}

describe('ballast timeline live', () => {
  it('shows what the running daemon has done, and all of it by pages', async () => {
    const host = await sharedHost(folder, [{ name: 'a' }, { name: 'b' }]);
    const policy = '(with Guests g (g.Control "balloon_target" (* 0.5 g.balloon_max) "to half"))';
    const { sockets, client, until } = await controlDaemon(folder, host, policy);
    await until('two writes', async () => (await client.call('decisions')).decisions.length >= 2);
    const { code, stdout, stderr } = await timeline('--socket', sockets.status, '--guest', 'b');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/Z {2}b +-512 MiB {2}1 GiB to 512 MiB, requested at test\.policy:1:\d+, reason: to half\n/);
    expect(await timeline('--socket', sockets.status, '--guest', 'c')).toMatchObject({ code: 2, stdout: '' });
    const { stderr: early } = await timeline('live', '--socket', sockets.status, '--from', '2020-01-01T00:00:00Z');
    expect(early).toMatch(/^warning: the daemon remembers writes since .*; a recording has older ones\n$/);
    const { decisions } = await client.call('decisions');
    const before = new Date(Date.parse(decisions[0]!.time) - 1).toISOString();
    expect((await client.call('decisions', { query: { until: before } })).decisions).toEqual([]);
  });

  it('says where it looked when no daemon runs', async () => {
    expect(await timeline('--socket', join(folder, 'none.sock'))).toMatchObject({
      ...{ code: 2, stderr: expect.stringMatching(/^no Ballast runs here: there is no socket .*none\.sock/) as string },
    });
  });
});
