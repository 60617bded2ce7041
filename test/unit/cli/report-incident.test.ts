import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildProgram } from '../../../src/cli/program.ts';
import { redacted, REMOVED, withoutSecrets } from '../../../src/support/secrets.ts';
import { tarGz } from '../../../src/cli/incident/tar.ts';
import { openRecording } from '../../../src/recording/reader.ts';
import { defaultConfig } from '../../../src/compose/config.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { controlDaemon } from '../../support/control-daemon.ts';
import { recordSmall } from '../../support/recordings.ts';
import { sharedHost } from '../../support/running-daemon.ts';

let root: string;
let folder: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'ballast-incident-'));
});
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'test-'));
});
afterAll(() => rm(root, { recursive: true }));

interface Manifest {
  readonly files: readonly { readonly name: string; readonly source: string; readonly note?: string }[];
  readonly missing: readonly { readonly what: string; readonly why: string }[];
  readonly bytes: number;
}

/** Makes a report in the folder, unpacks it with the system's tar, and returns its manifest. */
async function report(...args: readonly string[]) {
  const io = capturedIo();
  const output = join(folder, 'report.tar.gz');
  const none = args.some((arg) => arg === '--socket' || arg === '--config')
    ? []
    : ['--socket', join(folder, 'none.sock')];
  const signals = { stop: new AbortController().signal, onReload: () => {}, isAlive: () => true };
  const code = await buildProgram(io, signals)(['report-incident', '-o', output, '--json', ...none, ...args]);
  if (code !== 0) throw new Error(`${code}: ${io.stderr.text}`);
  const manifest = JSON.parse(io.stdout.text) as Manifest;
  const unpacked = join(folder, 'unpacked');
  await rm(unpacked, { recursive: true, force: true });
  await mkdir(unpacked);
  execFileSync('tar', ['-xzf', output, '-C', unpacked, '--strip-components=1']);
  const listing = execFileSync('tar', ['-tzf', output], { encoding: 'utf8' }).trim().split('\n');
  return { manifest, unpacked, listing, output, read: (name: string) => readFile(join(unpacked, name), 'utf8') };
}

const AROUND = ['--around', '2026-01-02T03:12:40Z'];

async function site(extra = ''): Promise<string> {
  await writeFile(join(folder, 'a.policy'), '(with Guests g (g.Control "balloon_target" g.balloon_max))\n');
  await writeFile(
    join(folder, 'ballast.yaml'),
    `# the password is hunter2\npolicy: a.policy\nrecord: {path: day.jsonl.gz}\nlog: {file: ballast.log}\nruntime_dir: ${folder}\n${extra}`,
  );
  await recordSmall(join(folder, 'day.jsonl.gz'), { intervals: 200, fromMs: Date.parse('2026-01-02T03:00:00Z') });
  const lines = Array.from(
    { length: 60 },
    (_line, minute) =>
    JSON.stringify({ level: 'info', time: `2026-01-02T03:${String(minute).padStart(2, '0')}:00.000Z`, msg: `minute ${minute}` }), // prettier-ignore
  );
  await writeFile(join(folder, 'ballast.log'), `${lines.join('\n')}\n    | a stack of minute 59\n`);
  return join(folder, 'ballast.yaml');
}

describe('ballast report-incident', () => {
  it('has slices of recording and log, the policies, versions and a config without secrets, without a daemon', async () => {
    const config = await site('webhook_plugin: {url: "https://me:hunter2@host/x?token=hunter2", api_token: hunter2, list: [{password: hunter2}]}\n'); // prettier-ignore
    const { manifest, listing, read, unpacked, output } = await report(
      ...AROUND,
      '--window',
      '5min',
      '--config',
      config,
    );
    expect(listing.every((name) => name.startsWith('ballast-incident-20260102T031240Z/'))).toBe(true);
    expect(manifest.files.map(({ name }) => name).sort()).toEqual([
      ...['config.yaml', 'log.txt', 'policy/1-a.policy', 'recording/1-day.jsonl.gz', 'timeline/1.txt', 'versions.json'],
    ]);
    expect(manifest.missing).toEqual([{ what: 'daemon/', why: expect.stringMatching(/^no Ballast runs here/) as string }]); // prettier-ignore
    expect((await read('log.txt')).match(/minute \d+/g)).toEqual(['minute 8', 'minute 9', 'minute 10', 'minute 11', 'minute 12', 'minute 13', 'minute 14', 'minute 15', 'minute 16', 'minute 17']); // prettier-ignore
    const all = execFileSync('tar', ['-xzOf', output], { encoding: 'latin1' });
    expect(all).not.toContain('hunter2');
    expect(await read('config.yaml')).toContain(`api_token: ${REMOVED}`);
    const slice = await openRecording(join(unpacked, 'recording/1-day.jsonl.gz'), { onCutOff: () => expect.fail() });
    const times: string[] = [];
    let contexts = 0;
    for await (const { snapshot, context } of slice.intervals)
      if (context) contexts += 1;
      else times.push(new Date(snapshot.timeMs).toISOString().slice(14, 19));
    expect([contexts, times[0], times.at(-1), times.length]).toEqual([10, '07:40', '17:40', 61]);
    expect((await stat(output)).mode & 0o777).toBe(0o600);
  });

  it('has what the running daemon remembers', async () => {
    const host = await sharedHost(folder, [{ name: 'a' }]);
    const policy = '(with Guests g (g.Control "balloon_target" (* 0.5 g.balloon_max) "to half"))';
    const { sockets, client, until } = await controlDaemon(folder, host, policy);
    await until('a write', async () => (await client.call('decisions')).decisions.length > 0);
    const { manifest, read } = await report('--around', 'now', '--socket', sockets.status);
    expect(JSON.parse(await read('daemon/decisions.json'))).toMatchObject({ decisions: [{ guest: { name: 'a' } }] });
    for (const name of ['version', 'status', 'guests', 'holds', 'pauses', 'reservations', 'parameters', 'config'])
      expect(JSON.parse(await read(`daemon/${name}.json`))).toBeTypeOf('object');
    expect(await read('policy/1-test.policy')).toBe(policy);
    expect(manifest.missing.map(({ what }) => what)).toContain('recording/');
    // Also by a config that became invalid since it started.
    const config = await site('no_such_key: 1\n');
    await writeFile(config, (await readFile(config, 'utf8')).replace(/^runtime_dir: .*$/m, 'runtime_dir: run'));
    const { manifest: other } = await report('--around', 'now', '--config', config);
    expect(other.files.map(({ name }) => name)).toContain('daemon/status.json');
  });

  it('names what cannot be read, and has the rest', async () => {
    const config = await site();
    await writeFile(join(folder, 'day.jsonl.gz'), 'no recording\n');
    await rm(join(folder, 'a.policy'));
    await rm(join(folder, 'ballast.log'));
    await mkdir(join(folder, 'ballast.log'));
    const { manifest } = await report(...AROUND, '--config', config);
    const why = Object.fromEntries(manifest.missing.map(({ what, why: text }) => [what, text]));
    expect(why['recording/']).toMatch(/day\.jsonl\.gz:1: this is not a recording/);
    expect(why['policy/1-a.policy']).toMatch(/a\.policy: /);
    expect(why['log.txt']).toMatch(/ballast\.log: /);
    expect(manifest.files.map(({ name }) => name)).toEqual(['versions.json', 'config.yaml']);
    await writeFile(config, 'policy: [a.policy\npassword: hunter2\n');
    const broken = await report(...AROUND, '--config', config, '--recording', join(folder, 'gone.jsonl'));
    expect(broken.manifest.files.map(({ name }) => name)).toEqual(['versions.json']);
    expect(broken.manifest.missing.map(({ what }) => what)).toEqual(expect.arrayContaining(['daemon/', 'config.yaml', 'recording/'])); // prettier-ignore
  });

  it('takes what there is of a recording that was rotated, cut off or damaged', async () => {
    const at = (time: string) => Date.parse(`2026-01-02T${time}Z`);
    // Of one file: `name` has the time at which it was rotated.
    const record = (name: string, fromMs: number, intervals: number) => recordSmall(join(folder, name), { fromMs, intervals }); // prettier-ignore
    await record('day.20260102T030000000Z.jsonl.gz', at('02:00:00'), 360);
    await record('day.20260102T031200000Z.jsonl', at('03:00:00'), 72);
    await record('day.jsonl', at('03:12:00'), 72);
    await record('night.jsonl', at('03:12:00'), 72);
    const { manifest } = await report(...AROUND, '--window', '2min', '--recording', join(folder, 'day.jsonl'));
    expect(manifest.files.map(({ name, note }) => [name, note]).filter(([name]) => name!.startsWith('rec'))).toEqual([
      ['recording/1-day.20260102T031200000Z.jsonl.gz', expect.stringMatching(/^8 intervals, 2026-01-02T03:10:40\.000Z to 2026-01-02T03:11:50.000Z; variables/)], // prettier-ignore
      ['recording/2-day.jsonl.gz', '17 intervals, 2026-01-02T03:12:00.000Z to 2026-01-02T03:14:40.000Z'],
    ]);
    const lines = (await readFile(join(folder, 'day.jsonl'), 'utf8')).trimEnd().split('\n');
    const damaged = join(folder, 'damaged.jsonl');
    await writeFile(damaged, [...lines.slice(0, 4), '{"t": 1}', ...lines.slice(5)].join('\n'));
    const half = await report(...AROUND, '--recording', damaged);
    expect(half.manifest.files.find(({ name }) => name.startsWith('rec'))?.note).toMatch(
      /^3 intervals, .*damaged\.jsonl:5: /,
    );
    await writeFile(damaged, gzipSync(lines.join('\n')).subarray(0, -200));
    const cut = await report(...AROUND, '--recording', damaged);
    expect(cut.manifest.files.find(({ name }) => name.startsWith('rec'))?.note).toMatch(/^\d+ intervals, /);
  });

  it('is only for its owner, whatever somebody else has put in its place', async () => {
    const victim = join(folder, 'victim');
    await writeFile(victim, 'precious');
    await symlink(victim, join(folder, 'report.tar.gz'));
    await expect(report(...AROUND)).rejects.toThrow('is there and is no regular file; name another one with --output');
    expect(await readFile(victim, 'utf8')).toBe('precious');
    await rm(join(folder, 'report.tar.gz'));
    await writeFile(join(folder, 'report.tar.gz'), '');
    await chmod(join(folder, 'report.tar.gz'), 0o666);
    const { output } = await report(...AROUND);
    expect((await stat(output)).mode & 0o777).toBe(0o600);
  });

  it('refuses a time or a place that is none', async () => {
    await expect(report('--around', 'yesterday')).rejects.toThrow(/^2: "yesterday" is not a time/);
    await expect(report(...AROUND, '-o', join(folder, 'none/x.tar.gz'))).rejects.toThrow(/^2: .*x\.tar\.gz: /);
    await expect(report(...AROUND, '--window', '1ms')).rejects.toThrow(/^2: /);
  });

  it('stays small: of a large recording and a large log it has what is closest', async () => {
    const config = await site();
    const noise = () => randomBytes(4000).toString('base64');
    const times = Array.from({ length: 2400 }, (_time, at) => Date.parse('2026-01-02T03:02:40Z') + at * 500);
    const log = times.map((ms) => JSON.stringify({ time: new Date(ms).toISOString(), msg: noise() }));
    await writeFile(join(folder, 'ballast.log'), `${log.join('\n')}\n`);
    const line = (t: number) => JSON.stringify({ t, host: [], guests: [[noise(), noise(), [], []]] });
    const header = { ballast_recording: 1, started: '2026-01-02T03:02:40Z', host_props: {}, collect_interval_ms: 500, policy_interval_ms: null, history: 10, host_fields: [], guest_fields: [], guest_props: [], memory: { host: {}, guests: {} } }; // prettier-ignore
    await rm(join(folder, 'day.jsonl.gz'));
    await writeFile(join(folder, 'large.jsonl'), [JSON.stringify(header), ...times.map(line)].join('\n'));
    const { manifest, unpacked } = await report(
      ...AROUND,
      '--config',
      config,
      '--recording',
      join(folder, 'large.jsonl'),
    );
    expect(manifest.bytes).toBeLessThan(8 * 1024 ** 2);
    const notes = Object.fromEntries(manifest.files.map(({ name, note }) => [name, note]));
    expect(notes['log.txt']).toMatch(/^\d+ lines are left out/);
    expect(notes['recording/1-large.jsonl.gz']).toMatch(/only \d+ s before and after/);
    const slice = gunzipSync(await readFile(join(unpacked, 'recording/1-large.jsonl.gz'))).toString();
    const kept = [...slice.matchAll(/"t":(\d+)/g)].map(([, ms]) => Number(ms) - Date.parse('2026-01-02T03:12:40Z'));
    expect(Math.min(...kept)).toBeLessThan(-30_000);
    expect(Math.max(...kept)).toBeGreaterThan(30_000);
  });

  it.each([
    ['mom', (time: string) => `2026-01-02 ${time},123 - mom - INFO - `],
    ['pretty', (time: string) => `[${time}.123] INFO: `],
    ['json', (time: string) => `{"level":"info","time":"${new Date(`2026-01-02T${time}.123`).toISOString()}","msg":"`],
  ])('finds the times of a log in the format %s', async (_format, begin) => {
    const log = join(folder, 'ballast.log');
    await writeFile(log, ['03:00:00', '03:12:30', '03:30:00'].map((time) => `${begin(time)}at ${time}\n    | more of ${time}\n`).join('')); // prettier-ignore
    const around = new Date('2026-01-02T03:12:40').toISOString();
    const { read } = await report('--around', around, '--log', log, '--window', '1min');
    const text = await read('log.txt');
    expect(text.match(/(?:at|more of) \S+/g)).toEqual(['at 03:12:30', 'more of 03:12:30']);
  });
});

describe('secrets', () => {
  it.each([
    ['connect to qemu+tcp://root:hunter2@host/system', 'host/system'],
    ['password=hunter2 user=me', 'user=me'],
    ['Authorization: Bearer hunter2', 'Authorization'],
    ['{"api_key":"hunter2","a":1}', '"a":1'],
    ["token: 'hunter2 and more', other", 'other'],
    ['https://host/hook?sig=hunter2&x=1', 'x=1'],
    ['-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----\nrest', 'rest'],
  ])('are not in %j', (text, kept) => {
    expect(withoutSecrets(text)).not.toContain('hunter2');
    expect(withoutSecrets(text)).toContain(kept);
  });

  it('are not in the usual config, nor in usual messages', () => {
    expect(redacted(defaultConfig())).toEqual(defaultConfig());
    const log = readFileSync(join(import.meta.dirname, '../../../docs/ballast.yaml'), 'utf8');
    expect(withoutSecrets(log)).toBe(log);
    expect(withoutSecrets('authorization failed; the token expired')).toBe('authorization failed; the token expired');
  });

  it('are not in any depth of data, and all else is', () => {
    const key = fc.constantFrom('password', 'api_token', 'clientSecret', 'AUTH', 'aws_access_key', 'smtp_passwd', 'X-Api-Key', 'credentials', 'privateKey'); // prettier-ignore
    const secret = fc.oneof(
      fc.constant('hunter2'),
      fc.array(fc.constant('hunter2')),
      fc.record({ any: fc.constant('hunter2') }),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, fc.integer(), tie('list'), tie('hidden'), tie('shown'), tie('pair')),
      list: fc.array(tie('tree'), { maxLength: 3 }),
      hidden: fc.tuple(key, secret).map(([name, value]) => ({ [name]: value })),
      shown: fc.record({ shortage_share: tie('tree'), path: fc.constant('/etc/x'), author: fc.constant('me') }),
      pair: key.map((name) => ({ name, value: 'hunter2' })),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const text = JSON.stringify(redacted(value));
        expect(text).not.toContain('hunter2');
        expect(text.match(/\/etc\/x|"me"/g)).toEqual(JSON.stringify(value).match(/\/etc\/x|"me"/g));
      }),
    );
  });
});

it('writes archives that tar reads, with any content', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 1500 }), { maxLength: 6 }), async (contents) => {
      const file = join(folder, 'x.tar.gz');
      const name = (at: number) => `f/${'x'.repeat(at * 19)}${at}`;
      await writeFile(
        file,
        await tarGz(
          contents.map((content, at) => ({ name: name(at), content: Buffer.from(content) })),
          1e12,
        ),
      );
      for (const [at, content] of contents.entries())
        expect(execFileSync('tar', ['-xzOf', file, name(at)])).toEqual(Buffer.from(content));
    }),
    { numRuns: 15 },
  );
});
