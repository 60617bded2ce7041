import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/policy/limits.ts';
import { FakeLibvirtd } from '../../support/fake-libvirtd.ts';
import { runBallast, start, startBallast, type Exit, type RunningProcess } from '../../support/process.ts';

const fromHere = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const FIRST_LOOK = fromHere('policies/first-look.policy');
const BALLOON = fromHere('policies/balloon.policy');

/** No line of this is part of a JavaScript stack. */
const STACK = /^ +at |node:internal|\.ts:\d+:\d+\)/m;

let folder: string;

const at = (name: string): string => join(folder, name);

async function file(name: string, content: string | Buffer): Promise<string> {
  await writeFile(at(name), content);
  return at(name);
}

/** A config of a daemon that reaches neither this machine's KSM nor its libvirt. */
function config(lines: readonly string[] = [`policy: ${FIRST_LOOK}`]): Promise<string> {
  const base = [
    `libvirt: {socket: ${at('libvirt.sock')}}`,
    `host_root: ${at('host')}`,
    'collect_interval: 100ms',
    'policy_interval: 100ms',
    'log: {format: mom}',
  ];
  return file('ballast.yaml', [...base, ...lines, ''].join('\n'));
}

/** Runs it to its end and sees that nothing looks like a defect of Ballast. */
async function fails(args: readonly string[], code: number): Promise<readonly string[]> {
  const exit = await runBallast(args, { cwd: folder });
  expect(exit.stderr).not.toMatch(STACK);
  expect({ code: exit.code, stdout: exit.stdout }).toEqual({ code, stdout: '' });
  return exit.stderr.split('\n');
}

/** The messages of lines in MOM's format. */
function messages(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.split(' - ').slice(2).join(' - '));
}

/** Ends it and sees that it left in good order. */
async function leave(ballast: RunningProcess): Promise<Exit> {
  const exit = await ballast.stop('SIGTERM');
  expect(ballast.stderr.join('\n')).not.toMatch(STACK);
  return exit;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-faults-'));
  await cp(fromHere('test/fixtures/hosts/linux-6.18'), at('host'), { recursive: true });
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('libvirt', () => {
  const unreached = (why: string): string =>
    `ERROR - No connection to libvirt, which is tried again and again; KSM goes on: cannot connect to libvirt at ${at('libvirt.sock')}: ${why}`;
  const guestless = 'WARNING - No guests can be read: there is no connection to libvirt';

  test('that is not there: one interval for the host alone, and exit code 1', async () => {
    const said = messages(await fails(['run', '--config', await config(), '--once'], 1));
    expect(said).toContain(
      unreached('ENOENT, there is no such socket; is libvirtd (or virtqemud) installed and running?'),
    );
    expect(said).toContain(guestless);
    expect(said).toContainEqual(expect.stringMatching(/^INFO - host: free memory/));
  });

  test('that was killed and left its socket behind', async () => {
    await abandonedSocket(at('libvirt.sock'));
    const said = messages(await fails(['run', '--config', await config(), '--once'], 1));
    await rm(at('libvirt.sock'));
    expect(said).toContain(
      unreached('ECONNREFUSED, nobody listens on this socket; is libvirtd (or virtqemud) running?'),
    );
  });

  test('whose socket this user may not use', async () => {
    await using server = await listening(at('libvirt.sock'));
    await chmod(server.path, 0);
    const exit = await withoutOverride(['run', '--config', await config(), '--once']);
    expect(exit.code).toBe(1);
    expect(exit.stderr).not.toMatch(STACK);
    expect(messages(exit.stderr.split('\n'))).toContain(
      unreached(
        'EACCES, no permission to use this socket; run as root or as a member of the group that owns it (libvirt, on most systems)',
      ),
    );
  });

  test('that stays away is said once, and the host is watched on', async () => {
    const ballast = startBallast(['run', '--config', await config()]);
    await ballast.waitForLine(/host: free memory/);
    // The second attempt comes after 1 s, the third 2 s later.
    await new Promise((resolve) => setTimeout(resolve, 3500));
    expect((await leave(ballast)).code).toBe(0);
    expect(ballast.stderr.filter((line) => line.includes('No connection to libvirt'))).toHaveLength(1);
    expect(ballast.stderr.filter((line) => line.includes('host: free memory')).length).toBeGreaterThan(3);
  });

  test('that takes the connection and says nothing keeps nobody who asked to leave', async () => {
    await using _server = await listening(at('libvirt.sock'));
    const ballast = startBallast(['run', '--config', await config()]);
    await ballast.waitForLine(/INFO - Running/);
    expect((await ballast.stop('SIGTERM')).code).toBe(0);
  });
});

describe('a policy', () => {
  const refused = async (content: string | Buffer): Promise<readonly string[]> => {
    const policy = await file('bad.policy', content);
    const checked = await runBallast(['check', 'bad.policy'], { cwd: folder });
    expect(checked.code).toBe(1);
    const said = await fails(['run', '--config', await config([]), '--policy', 'bad.policy', '--once'], 2);
    for (const line of said) expect(`${checked.stdout}\n${checked.stderr}`).toContain(line);
    await rm(policy);
    return said;
  };

  test('that is empty decides nothing and is no mistake', async () => {
    await file('empty.policy', '');
    expect(await runBallast(['check', 'empty.policy'], { cwd: folder })).toMatchObject({ code: 0 });
    const libvirtd = new FakeLibvirtd({ socketPath: at('libvirt.sock') });
    await libvirtd.start();
    expect(
      await runBallast(['run', '--config', await config([]), '--policy', at('empty.policy'), '--once']),
    ).toMatchObject({ code: 0 });
    await libvirtd.stop();
  });

  test('that is binary', async () => {
    expect(await refused(Buffer.from('7f454c4602010100', 'hex'))).toEqual([
      'bad.policy:1:8: error: the file is not text: it holds a zero byte here',
      expect.any(String),
      expect.any(String),
      '  hint: is this a policy file?',
    ]);
  });

  test('of 10 MB', async () => {
    expect(await refused('(+ 1 2)\n'.repeat(1_310_720))).toEqual([
      `bad.policy:1:1: error: the file has 10485760 bytes; a policy may have ${DEFAULT_LIMITS.sourceLength} characters`,
      '  1 | ',
      '    | ^',
      '  hint: is this a policy file?',
    ]);
  });

  test('that is unbalanced, both ways', async () => {
    expect(await refused('(with Guests vm\n  (vm.Control "balloon_target" 5)\n')).toEqual([
      'bad.policy:1:1: error: this ( is never closed',
      '  1 | (with Guests vm',
      '    | ^',
      '  hint: a ) is missing',
    ]);
    expect((await refused('(+ 1 2))\n'))[0]).toMatch(/^bad\.policy:1:8: error: /);
  });

  test('with unknown names: all of them, each with what was meant', async () => {
    expect(
      (await refused('(with Guests vm (vm.Control "balloon_targt" vm.balloon_kur))\n(frobnicate 1)\n')).filter((line) =>
        line.includes('error'),
      ),
    ).toEqual([
      'bad.policy:1:29: error: unknown control "balloon_targt"; did you mean "balloon_target"?',
      'bad.policy:1:45: error: unknown field "balloon_kur"; did you mean "balloon_cur"?',
      'bad.policy:2:1: error: unknown function "frobnicate"',
    ]);
  });

  test('that does not exist', async () => {
    expect(await fails(['run', '--policy', 'nowhere.policy', '--once'], 2)).toEqual([
      'the policy nowhere.policy cannot be read: there is no such file',
    ]);
    expect(await fails(['check', 'nowhere.policy'], 2)).toEqual([
      'the policy nowhere.policy cannot be read: there is no such file',
    ]);
  });

  test('that recurses without an end is stopped at its bound, said once, and the other policies go on', async () => {
    await file('endless.policy', '(def f (n) (f (+ n 1)))\n(f 1)\n');
    const ballast = startBallast(['run', '--config', await config([`policy: [endless.policy, ${FIRST_LOOK}]`])]);
    const bound =
      /endless\.policy:1:12: more than 1000 calls inside calls; is there a recursion that never ends\?; nothing of this file is applied while this lasts$/;
    await ballast.waitForLine(bound);
    for (const _ of [1, 2, 3]) await ballast.waitForLine(/host: free memory/, 60_000, ballast.lineCount());
    expect((await leave(ballast)).code).toBe(0);
    expect(ballast.stderr.filter((line) => bound.test(line))).toHaveLength(1);
  });

  test('that would run for ever is stopped at its bound', async () => {
    await file(
      'endless.policy',
      '(def f (n) { (f (- n 1)) (f (- n 1)) })\n(def g (n) (if (> n 0) { (g (- n 1)) (g (- n 1)) } 0))\n(g 900)\n',
    );
    const ballast = startBallast(['run', '--config', await config(['policy: endless.policy'])]);
    await ballast.waitForLine(/ERROR - \S*endless\.policy:\d+:\d+: more than .* steps/);
    expect((await leave(ballast)).code).toBe(0);
  });
});

describe('a config', () => {
  const refused = async (text: string): Promise<readonly string[]> => {
    await file('bad.yaml', text);
    return fails(['run', '--config', 'bad.yaml', '--once'], 2);
  };

  test('with an unknown key', async () => {
    expect(await refused('colect_interval: 5s\n')).toEqual([
      'bad.yaml:1:1: unknown key "colect_interval"; did you mean "collect_interval"?',
    ]);
  });

  test('with a value of the wrong type', async () => {
    expect(await refused('collect_interval: [1]\nhistory: many\n')).toEqual([
      'bad.yaml:1:19: collect_interval: a list is not a duration; write a number with ms, s, min or h, such as 5s',
      'bad.yaml:2:10: history: "many" is not a whole number from 1 to 1000',
    ]);
  });

  test('with both policy and policy_dir', async () => {
    expect(await refused('policy: a.policy\npolicy_dir: policies\n')).toEqual([
      'bad.yaml:2:13: policy_dir: policy files are already named by "policy" on line 1; give only one of the two',
    ]);
  });

  test('that does not exist', async () => {
    expect(await fails(['run', '--config', 'nowhere.yaml', '--once'], 2)).toEqual([
      'nowhere.yaml: there is no such file or directory',
    ]);
  });

  test('with a policy_dir that does not exist, or has no policy in it', async () => {
    expect(await refused('policy_dir: nowhere\n')).toEqual([
      `bad.yaml:1:13: policy_dir: ${at('nowhere')}: there is no such file or directory`,
    ]);
    await mkdir(at('hollow'), { recursive: true });
    expect(await refused('policy_dir: hollow\n')).toEqual([
      `bad.yaml:1:13: policy_dir: ${at('hollow')} has no *.policy or *.rules file`,
    ]);
  });

  test('that names a controller or a plugin that does not exist', async () => {
    expect((await refused('controllers: [ksm, baloon]\n'))[0]).toMatch(/controllers?\b.*"baloon".*balloon/);
    expect((await refused('plugins: nowhere.mjs\n'))[0]).toMatch(/^the plugin \S*nowhere\.mjs cannot be loaded: /);
  });

  test('without any policy', async () => {
    expect(await refused('')).toEqual([
      'no policy is named: write "policy: FILE" into the config, or give --policy FILE. To look without deciding, use policies/first-look.policy or "ballast record".',
    ]);
  });
});

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
    expect(exit).toMatchObject({ code: 0, stderr: 'warning: cut.jsonl:5: the last line is not whole; it is left out' });
    expect(exit.stdout).toMatch(/intervals +3,/);
  });

  test('that was cut off in its compressed form', async () => {
    const whole = gzipSync(`${lines.join('\n')}\n`, { level: 0 });
    await file('cut.jsonl.gz', whole.subarray(0, whole.length - 100));
    const exit = await runBallast(['replay', 'cut.jsonl.gz', '--policy', BALLOON], { cwd: folder });
    expect(exit.code).toBe(0);
    expect(exit.stderr.split('\n')).toEqual([
      'warning: cut.jsonl.gz: the file was not ended properly; it is read to its last whole line',
      `warning: cut.jsonl.gz:${lines.length}: the last line is not whole; it is left out`,
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
      'empty.jsonl: the recording is empty; not even its first line is whole',
    ]);
    expect(await replayed('empty.jsonl.gz')).toEqual([
      'empty.jsonl.gz: the recording is empty; not even its first line is whole',
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
      'nothing can be recorded to nowhere/day.jsonl: there is no such directory',
    ]);
    expect(await record('occupied/day.jsonl')).toEqual([
      'nothing can be recorded to occupied/day.jsonl: its path leads through a file',
    ]);
  });
});

describe('the command line', () => {
  test.each([
    [['frobnicate'], "error: unknown command 'frobnicate'"],
    [['run', '--frobnicate'], "error: unknown option '--frobnicate'"],
    [['replay'], "error: missing required argument 'file'"],
    [
      ['run', '--log-level', 'loud'],
      "error: option '--log-level <level>' argument 'loud' is invalid. Allowed choices are debug, info, warn, error.",
    ],
  ])('%j', async (args, message) => {
    expect(await fails(args, 2)).toEqual([message, '(see --help)']);
  });
});

describe('a daemon that is told', () => {
  test('to reload a broken policy keeps the last good one and says why; then takes a good one', async () => {
    await file('live.policy', '(debug "first")\n');
    const ballast = startBallast(['run', '--config', await config(['policy: live.policy'])]);
    await ballast.waitForLine(/INFO - first$/);

    await file('live.policy', '(debug "second"\n');
    let before = ballast.lineCount();
    ballast.kill('SIGHUP');
    await ballast.waitForLine(
      /ERROR - The config and policies in force stay, because the new ones are wrong:$/,
      60_000,
      before,
    );
    await ballast.waitForLine(/ERROR - \S*live\.policy:1:1: error: this \( is never closed$/, 60_000, before);
    await ballast.waitForLine(/INFO - first$/, 60_000, ballast.lineCount());

    await file('live.policy', '(debug "third")\n');
    before = ballast.lineCount();
    ballast.kill('SIGHUP');
    await ballast.waitForLine(/INFO - The config and the policies were read anew$/, 60_000, before);
    await ballast.waitForLine(/INFO - third$/, 60_000, before);
    before = ballast.lineCount();
    await ballast.waitForLine(/INFO - third$/, 60_000, before);
    expect((await leave(ballast)).code).toBe(0);
    expect(ballast.stderr.slice(before.stderr).filter((line) => line.endsWith('- first'))).toEqual([]);
  });

  test.each([
    [
      'policy',
      'live.policy',
      /ERROR - the policy \S*live\.policy cannot be read: it is a pipe or a device; a policy is an ordinary file/,
    ],
    [
      'config',
      'ballast.yaml',
      /ERROR - \S*ballast\.yaml: cannot be read: it is a pipe or a device, which can be read only once; /,
    ],
  ])('to reload a %s that has become a pipe says so, and reloads again afterwards', async (_what, name, message) => {
    await file('live.policy', '(debug "first")\n');
    const ballast = startBallast(['run', '--config', await config(['policy: live.policy'])]);
    await ballast.waitForLine(/INFO - first$/);
    await rm(at(name));
    execFileSync('mkfifo', [at(name)]);
    ballast.kill('SIGHUP');
    await ballast.waitForLine(message);
    await rm(at(name));
    await file('live.policy', '(debug "second")\n');
    await config(['policy: live.policy']);
    ballast.kill('SIGHUP');
    await ballast.waitForLine(/INFO - second$/);
    expect((await leave(ballast)).code).toBe(0);
  });

  test('to reload a broken config keeps the last good one, and names what only a restart can change', async () => {
    const ballast = startBallast(['run', '--config', await config()]);
    await ballast.waitForLine(/host: free memory/);
    await config([`policy: ${FIRST_LOOK}`, 'colect_timeout: 1s']);
    ballast.kill('SIGHUP');
    await ballast.waitForLine(
      /ERROR - \S*ballast\.yaml:7:1: unknown key "colect_timeout"; did you mean "collect_timeout"\?$/,
    );
    await config([`policy: ${FIRST_LOOK}`, 'history: 3']);
    ballast.kill('SIGHUP');
    await ballast.waitForLine(/WARNING - Changed, but only a restart will apply it: history$/);
    expect((await leave(ballast)).code).toBe(0);
  });

  describe('to leave', () => {
    const HANGING_COLLECTOR = `export default {
      name: 'hanging', scope: 'host', fields: [{ name: 'never', type: 'number', unit: 'none', optional: true, doc: 'never', source: 'none' }],
      create: () => ({ collect: () => new Promise(() => {}) }),
    };`;
    const HANGING_CONTROLLER = `export default {
      name: 'hanging', controls: [{ name: 'hang', scope: 'host', type: 'number', unit: 'none', doc: 'hang', source: 'none' }],
      plan: ([{ name, value }]) => ({ held: [], actions: [
        { controller: 'hanging', control: name, guest: null, from: 0, to: value, message: 'hang', reason: null, position: null, notes: [] },
      ] }),
      create: () => ({ observe: () => {}, restore: () => [], apply: () => new Promise(() => setInterval(() => console.log('hanging'), 100)) }),
    };`;

    const hanging = async (plugin: string, lines: readonly string[]): Promise<RunningProcess> => {
      await file('hanging.mjs', plugin);
      const ballast = startBallast(['run', '--config', await config(['plugins: hanging.mjs', ...lines])]);
      await ballast.waitForLine(/INFO - Running$/);
      return ballast;
    };

    test('while a collector hangs, leaves in good order, within the 4.8 s after which exit code 1 would tell', async () => {
      const ballast = await hanging(HANGING_COLLECTOR, [`policy: ${FIRST_LOOK}`, 'collect_timeout: 1min']);
      expect((await ballast.stop('SIGTERM')).code).toBe(0);
      expect(messages(ballast.stderr).at(-1)).toMatch(/^INFO - Done after/);
    });

    test('twice, leaves at once', async () => {
      const ballast = await hanging(HANGING_COLLECTOR, [`policy: ${FIRST_LOOK}`, 'collect_timeout: 1min']);
      ballast.kill('SIGTERM');
      await ballast.waitForLine(/INFO - Leaving after this interval$/);
      expect((await ballast.stop('SIGTERM')).code).toBe(143);
    });

    test('while something hangs that cannot be given up, leaves within 5 s and says so', async () => {
      await file('hang.policy', '(Host.Control "hang" 1)\n');
      const ballast = await hanging(HANGING_CONTROLLER, ['policy: hang.policy']);
      await ballast.waitForLine(/^hanging$/);
      const exit = await ballast.stop('SIGTERM');
      expect(exit.code).toBe(1);
      expect(ballast.stderr.at(-1)).toBe('ballast: something did not end within 4.8 s, and was left behind');
    });

    test('while the file system keeps a thread, which no exit of Node outlives, kills itself', async () => {
      execFileSync('mkfifo', [at('nobody-writes')]);
      const reading = HANGING_COLLECTOR.replace(
        'new Promise(() => {})',
        `{ console.log('reading'); return readFile(${JSON.stringify(at('nobody-writes'))}); }`,
      );
      const ballast = await hanging(`import { readFile } from 'node:fs/promises';\n${reading}`, [
        `policy: ${FIRST_LOOK}`,
      ]);
      await ballast.waitForLine(/^reading$/);
      const exit = await ballast.stop('SIGTERM');
      expect(exit.signal).toBe('SIGKILL');
      expect(ballast.stderr.at(-1)).toBe('ballast: something did not end within 4.8 s, and was left behind');
    });
  });
});

interface Listening extends AsyncDisposable {
  readonly path: string;
}

/** A socket that takes connections and never says anything. */
async function listening(path: string): Promise<Listening> {
  const open = new Set<Socket>();
  const server = createServer((socket) => open.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What a daemon that was killed leaves of its socket. */
async function abandonedSocket(path: string): Promise<void> {
  const server = start(process.execPath, [
    '--eval',
    `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('listening'))`,
  ]);
  await server.waitForLine(/^listening$/);
  await server.stop('SIGKILL');
}

/** Root may use every socket: as root, run without the capabilities that this comes from. */
async function withoutOverride(
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  if (process.getuid?.() !== 0) return runBallast(args);
  const less = ['--bounding-set', '-dac_override,-dac_read_search', '--inh-caps', '-dac_override,-dac_read_search'];
  const ballast = start('setpriv', [...less, process.execPath, fromHere('bin/ballast'), ...args]);
  return { code: (await ballast.exit).code, stderr: ballast.stderr.join('\n') };
}
