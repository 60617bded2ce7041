import { settingsGroups } from '../../../src/compose/config.ts';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { configSchema, defaultConfig, loadConfig, parseConfig } from '../../support/config.ts';
import type { Config } from '../../../src/config/model.ts';
import { everyKey, keyTree } from '../../../src/yaml/key-tree.ts';
import { policyFiles } from '../../../src/config/policy-files.ts';
import { onceEach } from '../../../src/policy-files/find.ts';
import { renderProblem } from '../../../src/yaml/problem.ts';
import { DEFAULT_LIMITS } from '../../../src/policy/limits/limits.ts';

function problems(text: string): string[] {
  const result = parseConfig('ballast.yaml', text);
  return 'errors' in result ? result.errors.map(renderProblem) : [];
}

function config(text: string): Config {
  const result = parseConfig('/etc/ballast/ballast.yaml', text);
  if ('errors' in result) throw new Error(result.errors.map(renderProblem).join('\n'));
  return result.config;
}

describe('a config', () => {
  it('has the documented defaults', () => {
    expect(defaultConfig()).toEqual({
      collectIntervalMs: 5000,
      policyIntervalMs: 10_000,
      maxDecisionAgeMs: 10_000,
      history: 10,
      collectTimeoutMs: 3000,
      libvirt: { uri: 'qemu:///system', socket: null, callTimeoutMs: 5000, chunkSize: 100, statsPeriodS: 5 },
      policy: {
        files: [],
        dir: null,
        onError: 'isolate',
        parameters: [],
        parametersFile: null,
        limits: {
          steps: 1_000_000,
          stepsPerGuest: 10_000,
          callDepth: 1000,
          timeMs: 2000,
          textLength: 65_536,
          listLength: 100_000,
        },
      },
      shadow: { files: [], parameters: [] },
      collectors: null,
      controllers: ['ksm', 'balloon'],
      plugins: [],
      balloonMin: [],
      ballooningOff: [],
      guestLabels: [],
      guestMetadata: { minUpTo: 0.5, labels: [], ballooningOff: true, ovirt: true },
      // docs/ballast.yaml has those of the others.
      pluginSettings: expect.objectContaining({
        balloon: { floor: 262_144, floor_ratio: 0.25, headroom: 65_536, max_stats_age: 60_000 },
      }),
      record: null,
      log: { level: 'info', format: 'json', file: null },
      metrics: { listen: null },
      control: { enabled: true, group: null, statusFor: 'group', momRpc: null },
      shutdown: 'leave',
      runtimeDir: null,
      stateDir: null,
      stopFile: null,
      dryRun: false,
      hostRoot: '/',
    });
  });

  it("has the policy evaluator's own limits as defaults", () => {
    expect(DEFAULT_LIMITS).toMatchObject(defaultConfig().policy.limits);
  });

  it.each([
    [''],
    ['# nothing\n'],
    ['~\n'],
    ['---\n'],
    ['{}\n'],
    ['libvirt:\npolicy: {limits: }\nguests:\nballoon:\nlog:\n'],
  ])('%j has all defaults', (text) => {
    const result = parseConfig('ballast.yaml', text);
    expect(result).toMatchObject({ config: defaultConfig() });
  });

  /** Every key, with a value that differs from its default. */
  const EVERY_KEY = `
collect_interval: 2.5s
policy_interval: 1min
history: 1000
collect_timeout: 700ms
libvirt: {uri: "qemu:///session", socket: run/sock, call_timeout: 1min, chunk_size: 7, stats_period: 0s}
policy: {files: [a.policy, /b.policy, ../c.rules], on_error: abort, parameters: {share: 25%}, parameters_file: p.yaml, limits: {steps: 1000, steps_per_guest: 100, call_depth: 10, time: 10ms, text_length: 256, list_length: 100}}
shadow: {files: [d.policy], parameters: {share: 10%}}
collectors: [host-memory]
controllers: [ksm]
plugins: [./mine.ts]
guests: {balloon_min: [{match: "web-*", min: 512MiB}, {match: "*", min: 1GiB}], ballooning_off: [router, "win-*"], labels: [{match: "db-*", labels: [db, tier-1]}, {match: "*-test", labels: test}], metadata: {min_up_to: 75%, labels: [db, "tier-*"], ballooning_off: false, ovirt: false}}
balloon: {floor: 1GiB, floor_ratio: 0.5, headroom: 32MiB, max_stats_age: 1h}
record: {path: rec.jsonl.gz, rotate_size: 1MiB, rotate_age: 1h, keep: 0, keep_age: 48h, keep_size: 2GiB}
log: {level: debug, format: mom, file: log/ballast.log}
metrics: {listen: "unix:run/metrics.sock"}
control: { enabled: false, group: libvirt, status_for: all, mom_rpc: 'unix:mom.sock' }
shutdown: restore
runtime_dir: run
state_dir: state
stop_file: run/halt
dry_run: true
host_root: root
max_decision_age: 20s
jobs: {enabled: false}
`;

  it('reads every key into base units and absolute paths', () => {
    const file = parseYaml(EVERY_KEY) as unknown;
    // The keys are those of the first item of a list.
    const valueAt = (path: readonly string[]): unknown =>
      path.reduce<unknown>((at, key) => ([at].flat()[0] as Record<string, unknown> | undefined)?.[key], file);
    const forgotten = everyKey(keyTree(configSchema)).flatMap(({ path }) =>
      valueAt(path) === undefined ? [path.join('.')] : [],
    );
    // policy_dir replaces policy. The groups of the guards are read like any plugin's.
    const guards = settingsGroups()
      .filter(({ key }) => key !== 'balloon')
      .flatMap(({ key, keys }) => [key, ...Object.keys(keys).map((name) => `${key}.${name}`)]);
    expect(forgotten.filter((key) => !guards.includes(key))).toEqual(['policy_dir']);
    expect(config(EVERY_KEY)).toEqual({
      collectIntervalMs: 2500,
      policyIntervalMs: 60_000,
      maxDecisionAgeMs: 20_000,
      history: 1000,
      collectTimeoutMs: 700,
      libvirt: {
        uri: 'qemu:///session',
        socket: '/etc/ballast/run/sock',
        callTimeoutMs: 60_000,
        chunkSize: 7,
        statsPeriodS: 0,
      },
      policy: {
        files: ['/etc/ballast/a.policy', '/b.policy', '/etc/c.rules'],
        dir: null,
        onError: 'abort',
        parameters: [
          {
            name: 'share',
            target: { kind: 'all' },
            given: '25%',
            file: '/etc/ballast/ballast.yaml',
            namePlace: { line: 7, column: 82 },
            valuePlace: { line: 7, column: 89 },
          },
        ],
        parametersFile: '/etc/ballast/p.yaml',
        limits: { steps: 1000, stepsPerGuest: 100, callDepth: 10, timeMs: 10, textLength: 256, listLength: 100 },
      },
      shadow: {
        files: ['/etc/ballast/d.policy'],
        parameters: [
          {
            ...{ name: 'share', given: '10%', target: { kind: 'all' }, file: '/etc/ballast/ballast.yaml' },
            namePlace: { line: 8, column: 42 },
            valuePlace: { line: 8, column: 49 },
          },
        ],
      },
      collectors: ['host-memory'],
      controllers: ['ksm'],
      plugins: ['/etc/ballast/mine.ts'],
      balloonMin: [
        { match: 'web-*', minKib: 524_288 },
        { match: '*', minKib: 1_048_576 },
      ],
      ballooningOff: ['router', 'win-*'],
      guestLabels: [
        { match: 'db-*', labels: ['db', 'tier-1'] },
        { match: '*-test', labels: ['test'] },
      ],
      guestMetadata: { minUpTo: 0.75, labels: ['db', 'tier-*'], ballooningOff: false, ovirt: false },
      pluginSettings: expect.objectContaining({
        balloon: { floor: 1_048_576, floor_ratio: 0.5, headroom: 32_768, max_stats_age: 3_600_000 },
      }),
      record: {
        path: '/etc/ballast/rec.jsonl.gz',
        rotateBytes: 1_048_576,
        rotateMs: 3_600_000,
        keep: 0,
        keepMs: 172_800_000,
        keepBytes: 2_147_483_648,
      },
      log: { level: 'debug', format: 'mom', file: '/etc/ballast/log/ballast.log' },
      metrics: { listen: { kind: 'unix', path: '/etc/ballast/run/metrics.sock' } },
      control: {
        ...{ enabled: false, group: 'libvirt', statusFor: 'all' },
        momRpc: { kind: 'unix', path: '/etc/ballast/mom.sock' },
      },
      shutdown: 'restore',
      runtimeDir: '/etc/ballast/run',
      stateDir: '/etc/ballast/state',
      stopFile: '/etc/ballast/run/halt',
      dryRun: true,
      hostRoot: '/etc/ballast/root',
    });
  });

  it('accepts a single policy file, a list, and the long form', () => {
    expect(config('policy: a.policy').policy.files).toEqual(['/etc/ballast/a.policy']);
    expect(config('policy: [a.policy, b.policy]').policy.files).toEqual([
      '/etc/ballast/a.policy',
      '/etc/ballast/b.policy',
    ]);
    expect(config('policy: {files: a.policy}').policy.files).toEqual(['/etc/ballast/a.policy']);
  });

  it('completes a partly given group with defaults', () => {
    expect(config('record: {path: r.jsonl}').record).toEqual({
      path: '/etc/ballast/r.jsonl',
      rotateBytes: 67_108_864,
      rotateMs: 86_400_000,
      keep: 7,
      keepMs: 604_800_000,
      keepBytes: 1_073_741_824,
    });
    expect(config('policy: {on_error: abort}\npolicy_dir: pol').policy).toMatchObject({
      files: [],
      dir: '/etc/ballast/pol',
      onError: 'abort',
    });
  });
});

describe('an invalid config', () => {
  it('is reported with all its errors, in the order of the file, with what would be valid', () => {
    expect(
      problems(`
collect_interval: 10x
policy_interval: 1s
history: 0
colect_timeout: 5
libvirt:
  uri: http://x
  call_timout: 3s
  call_timeout: 10
  chunk_size: 1.5
  stats_period: 1500ms
policy: [a, 5]
policy_dir: pol
collectors: 5
controllers: [ksm, null]
guests:
  balloon_min: [{match: "web-*", min: 512}, {match: x}, {min: 1MB, foo: 1}, 7]
  labels: [{match: "db-*", labels: [db, "tier 1", -x, 5]}, {match: "a"}, {labels: ["é"]}]
balloon:
  floor: 512MB
  floor_ratio: 25
  max_stats_age:
record:
log: {level: warning, format: prety, file: ""}
shutdown: restoer
dry_run: yes
host-root: /
floor: 1MiB
libvirt_uri: x
`),
    ).toMatchInlineSnapshot(`
      [
        "ballast.yaml:2:19: collect_interval: "10x" is not a duration; write a number with ms, s, min or h, such as 5s",
        "ballast.yaml:4:10: history: 0 is not a whole number from 1 to 1000",
        "ballast.yaml:5:1: unknown key "colect_timeout"; did you mean "collect_timeout"?",
        "ballast.yaml:7:8: libvirt.uri: "http://x" is not a local libvirt URI such as qemu:///system or qemu:///session",
        "ballast.yaml:8:3: unknown key "call_timout" in libvirt; did you mean "call_timeout"?",
        "ballast.yaml:9:17: libvirt.call_timeout: 10 has no unit; write 10ms, 10s, 10min or 10h",
        "ballast.yaml:10:15: libvirt.chunk_size: 1.5 is not a whole number from 1 to 4096",
        "ballast.yaml:11:17: libvirt.stats_period: 1500ms is not a whole number of seconds",
        "ballast.yaml:12:13: policy.files[1]: 5 is not the path of a policy file",
        "ballast.yaml:13:13: policy_dir: policy files are already set by "policy" on line 12; set only one of the two",
        "ballast.yaml:14:13: collectors: 5 is not a list of collector names",
        "ballast.yaml:15:20: controllers[1] has no value; write the name of a controller, or remove it",
        "ballast.yaml:17:39: guests.balloon_min[0].min: 512 has no unit; write 512KiB, 512MiB, 512GiB or 512TiB",
        "ballast.yaml:17:45: guests.balloon_min[1].min is missing; write a size from 0KiB to 64TiB",
        "ballast.yaml:17:63: guests.balloon_min[2].min: "1MB" is not a size; did you mean 1MiB?",
        "ballast.yaml:17:68: unknown key "foo" in guests.balloon_min[2]; did you mean "match"?",
        "ballast.yaml:17:77: guests.balloon_min[3]: 7 is not a group of keys",
        "ballast.yaml:18:41: guests.labels[0].labels[1]: "tier 1" is not a label: a letter or digit, then up to 63 letters, digits, _ . : or -",
        "ballast.yaml:18:51: guests.labels[0].labels[2]: "-x" is not a label: a letter or digit, then up to 63 letters, digits, _ . : or -",
        "ballast.yaml:18:55: guests.labels[0].labels[3]: 5 is not a label: a letter or digit, then up to 63 letters, digits, _ . : or -",
        "ballast.yaml:18:60: guests.labels[1].labels is missing; write a label or a list of labels",
        "ballast.yaml:18:74: guests.labels[2].match is missing; write a name pattern of at most 256 characters, with * for any text and ? for one character",
        "ballast.yaml:18:84: guests.labels[2].labels[0]: "é" is not a label: a letter or digit, then up to 63 letters, digits, _ . : or -",
        "ballast.yaml:20:10: balloon.floor: "512MB" is not a size; did you mean 512MiB?",
        "ballast.yaml:21:16: balloon.floor_ratio: 25 is not a ratio; write a percentage such as 25%, or a number from 0 to 1 such as 0.25",
        "ballast.yaml:22:17: balloon.max_stats_age has no value; write a duration from 1s to 24h, or remove it",
        "ballast.yaml:23:8: record.path is missing; write a path that ends with .jsonl or .jsonl.gz",
        "ballast.yaml:24:14: log.level: "warning" is not debug, info, warn or error; did you mean warn?",
        "ballast.yaml:24:31: log.format: "prety" is not json, pretty or mom; did you mean pretty?",
        "ballast.yaml:24:44: log.file: "" is not a path",
        "ballast.yaml:25:11: shutdown: "restoer" is not leave, restore or release; did you mean restore?",
        "ballast.yaml:26:10: dry_run: "yes" is not true or false; did you mean true?",
        "ballast.yaml:27:1: unknown key "host-root"; did you mean "host_root"?",
        "ballast.yaml:28:1: unknown key "floor"; did you mean "balloon.floor"?",
        "ballast.yaml:29:1: unknown key "libvirt_uri"; the valid keys are collect_interval, policy_interval, max_decision_age, history, collect_timeout, libvirt, policy, policy_dir, shadow, collectors, controllers, plugins, guests, foreign_writers, jobs, emergency, ksm_unmerge, ksm_pace, ksm_cpu, pain, recent_use, stuck, returns, belief, rhythm, settle, balloon, budget, record, log, metrics, control, shutdown, runtime_dir, state_dir, stop_file, dry_run, host_root",
      ]
    `);
  });

  it('has a key twice, whatever its values are', () => {
    expect(problems('history: 5\nlog: {level: info, level: debug}\nhistory: x\n')).toEqual([
      'ballast.yaml:2:20: the key "level" is a duplicate; the first is on line 2',
      'ballast.yaml:3:1: the key "history" is a duplicate; the first is on line 1',
      'ballast.yaml:3:10: history: "x" is not a whole number from 1 to 1000',
    ]);
  });

  it('has both policy and policy_dir', () => {
    const message = 'policy files are already set by "policy" on line 1; set only one of the two';
    expect(problems('policy: a.policy\npolicy_dir: x')).toEqual([`ballast.yaml:2:13: policy_dir: ${message}`]);
    expect(problems('policy: {files: []}\npolicy_dir: x')).toEqual([`ballast.yaml:2:13: policy_dir: ${message}`]);
  });

  it('has intervals that do not fit each other, given or default', () => {
    expect(problems('policy_interval: 4s')).toEqual([
      'ballast.yaml:1:18: policy_interval: 4s is shorter than collect_interval (5s, the default)',
    ]);
    expect(problems('collect_interval: 30s')).toEqual([
      'ballast.yaml:1:19: collect_interval: 30s is longer than policy_interval (10s, the default); set that too',
    ]);
    expect(problems('policy_interval: 1s\ncollect_interval: 2s')).toEqual([
      'ballast.yaml:1:18: policy_interval: 1s is shorter than collect_interval (2s)',
    ]);
    expect(problems('balloon: {max_stats_age: 2s}')).toEqual([
      'ballast.yaml:1:26: balloon.max_stats_age: 2s is shorter than libvirt.stats_period (5s, the default)',
    ]);
    expect(problems('policy_interval: 5s\ncollect_interval: 5s')).toEqual([]);
  });

  it.each([
    [
      'metrics that other machines could read',
      'metrics: {listen: "0.0.0.0:9776"}',
      '1:19: metrics.listen: "0.0.0.0:9776" could be reached from other machines, and the metrics have no password; write 127.0.0.1:9776, "[::1]:9776" or unix:PATH',
    ],
    [
      'metrics at a port without an address',
      'metrics: {listen: 9776}',
      '1:19: metrics.listen: 9776 is not "unix:PATH", "127.0.0.1:PORT" or "[::1]:PORT"',
    ],
    [
      'metrics at nothing',
      'metrics:\n  listen:\n',
      '2:10: metrics.listen has no value; write "unix:PATH", "127.0.0.1:PORT" or "[::1]:PORT", or remove it',
    ],
    ['a number as the document', '5', '1:1: a config file is made of keys and values, such as "collect_interval: 5s"'],
    [
      'a list as the document',
      '- a\n- b',
      '1:1: a config file is made of keys and values, such as "collect_interval: 5s"',
    ],
    [
      'a missing space after the colon',
      'history:5',
      '1:1: a config file is made of keys and values, such as "collect_interval: 5s"',
    ],
    ['a tab as indentation', 'libvirt:\n\turi: x', '2:1: a tab cannot indent YAML; use spaces'],
    [
      'wrong indentation',
      'history: 5\n  log: x',
      '1:10: a key is not allowed here; check the indentation, and quote text that contains a colon',
    ],
    ['an unclosed quote', 'log:\n  level: "info\nhistory: 5\n', '2:10: this text has no closing quote'],
    [
      'an unclosed bracket',
      'policy: [a, b\nhistory: 5\n',
      '2:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    [
      'two documents',
      'history: 5\n---\nhistory: 6\n',
      '2:1: a second YAML document starts here; a config file holds one, so remove the "---"',
    ],
    ['an alias', 'policy: &p [a]\nplugins: *p\n', '2:10: aliases such as *p are not supported; write the value out'],
    ['an alias without an anchor', 'plugins: *p\n', '1:10: a text that begins with * needs quotes: write "*p"'],
    ['a tag', 'history: !!str 5', '1:16: YAML tags such as !!str are not supported; remove it'],
    ['an unknown tag', 'history: !foo 5', '1:15: YAML tags such as !foo are not supported; remove it'],
    [
      'YAML 1.1',
      '%YAML 1.1\n---\ndry_run: yes',
      '1:1: the %YAML directive requests a version other than 1.2; remove it',
    ],
    ['a key that is a list', '? [a]\n: 1', '1:3: a key must be a plain word'],
    ['a merge key', '<<: {history: 5}', '1:1: unknown key "<<"; the valid keys are '],
    ['__proto__', '__proto__: {history: 5}', '1:1: unknown key "__proto__"; the valid keys are '],
    [
      'the name of an Object property',
      'libvirt: {toString: 1}',
      '1:11: unknown key "toString" in libvirt; the valid keys are uri, socket, call_timeout, chunk_size, stats_period',
    ],
    ['CRLF lines', 'history: 5\r\ndry_run: maybe\r\n', '2:10: dry_run: "maybe" is not true or false'],
    [
      'policy without a value',
      'policy:\n',
      '1:8: policy has no value; write a policy file, a list of them, or a group of keys, or remove it',
    ],
    ['deeply nested brackets', '['.repeat(900_000), '1:65: is nested too deeply for a config file'],
    ['deeply nested dashes', '- '.repeat(400_000), 'is nested too deeply'],
    [
      'deeply nested maps',
      Array.from({ length: 1400 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
      'is nested too deeply',
    ],
  ])('%s', (_, text, message) => {
    const found = problems(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });

  it('has an alias bomb, which is reported once and not expanded', () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x]',
      ...Array.from('bcdefghij', (name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(', ')}]`),
    ].join('\n');
    expect(problems(bomb)).toEqual(['ballast.yaml:2:8: aliases such as *a are not supported; write the value out']);
  });

  it('is reported with a limited number of errors', () => {
    const found = problems(Array.from({ length: 4_000 }, (_, i) => `key${i}: 1`).join('\n'));
    expect(found).toHaveLength(51);
    expect(found[50]).toBe('ballast.yaml:51:1: 3950 more problems from here on');
  });

  it('cannot forge a line of output, whatever the file contains', () => {
    const found = problems('"a\\e[31m\\nballast.yaml:1:1: all is well": 1\nlog: {level: "\\u202e\\x9b2J"}\n');
    expect(found).toHaveLength(2);
    for (const line of found) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });
});

describe('a value that turns out to be wrong later', () => {
  it('is reported at its position in the file', () => {
    const result = parseConfig('b.yaml', 'collectors:\n  - host-memory\n  - host-memroy\npolicy: [a, b]\n');
    if ('errors' in result) throw new Error('not loaded');
    expect(renderProblem(result.problemAt(['collectors', 1], 'there is no such collector'))).toBe(
      'b.yaml:3:5: collectors[1]: there is no such collector',
    );
    expect(renderProblem(result.problemAt(['policy', 'files', 1], 'there is no such file'))).toBe(
      'b.yaml:4:13: policy.files[1]: there is no such file',
    );
    expect(renderProblem(result.problemAt(['controllers'], 'none'))).toBe('b.yaml:1:1: controllers: none');
  });
});

describe('the config file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ballast-config-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function message(name: string, content?: string | Uint8Array): Promise<string> {
    const path = join(folder, name);
    if (content !== undefined) await writeFile(path, content);
    const result = await loadConfig(path);
    if (!('errors' in result)) return 'loaded';
    expect(result.errors).toHaveLength(1);
    return result.errors.map(renderProblem).join('\n').replace(`${folder}/`, '');
  }

  it('is read', async () => {
    expect(await message('good.yaml', 'history: 3\n')).toBe('loaded');
    expect(await message('bom.yaml', '\ufeffhistory: 3\n')).toBe('loaded');
    expect(await message('empty.yaml', '')).toBe('loaded');
  });

  it('is missing', async () => {
    expect(await message('none.yaml')).toBe('none.yaml: there is no such file or directory');
    expect(await message('good.yaml/x')).toBe('good.yaml/x: is not a directory, or its path leads through a file');
  });

  it('is a directory', async () => {
    await mkdir(join(folder, 'dir.yaml'));
    expect(await message('dir.yaml')).toBe('dir.yaml: is a directory; give the file itself');
  });

  it('is not readable', async () => {
    const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    const result = await loadConfig('b.yaml', { read: () => Promise.reject(denied), list: () => Promise.resolve([]) });
    expect('errors' in result && result.errors.map(renderProblem)).toEqual([
      'b.yaml: cannot be read: permission denied; check its mode, its owner and the user that Ballast runs as',
    ]);
  });

  it('cannot be read for another reason', async () => {
    await symlink('loop.yaml', join(folder, 'loop.yaml'));
    expect(await message('loop.yaml')).toBe('loop.yaml: cannot be read: its links lead round in a circle');
  });

  it('does not hide a bug', async () => {
    await expect(
      loadConfig('b.yaml', { read: () => Promise.reject(new TypeError('bug')), list: () => Promise.resolve([]) }),
    ).rejects.toThrow('bug');
  });

  it('is binary, UTF-16 or not UTF-8', async () => {
    expect(await message('elf', new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0]))).toBe(
      'elf: is a binary file (byte 8 is zero); a config file is YAML in UTF-8',
    );
    expect(await message('utf16', new Uint8Array([0xff, 0xfe, 0x61, 0]))).toBe(
      'utf16: is UTF-16 text; save it as UTF-8',
    );
    expect(await message('latin1', new Uint8Array([0x23, 0x20, 0xe4, 0x0a]))).toBe(
      'latin1: is not UTF-8 text; a config file is YAML in UTF-8',
    );
  });

  it('is far too large or endless', async () => {
    const tooLarge = 'is larger than 1 MiB, the limit for a config file';
    expect(await message('large', '# '.repeat(5 * 1024 * 1024))).toBe(`large: ${tooLarge}`);
    expect('errors' in (await loadConfig('/dev/zero'))).toBe(true);
  });
});

describe('policy_dir', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ballast-config-'));
    await mkdir(join(folder, 'pol'));
    await mkdir(join(folder, 'none'));
    for (const name of ['20-ksm.policy', '10-balloon.rules', 'README.md', '.hidden.policy', 'old.policy~', 'policy'])
      await writeFile(join(folder, 'pol', name), '');
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function files(text: string): Promise<unknown> {
    const result = parseConfig(join(folder, 'ballast.yaml'), text);
    if ('errors' in result) throw new Error('not loaded');
    const found = await policyFiles(result);
    return 'error' in found
      ? renderProblem(found.error).replaceAll(`${folder}/`, '')
      : found.files.map((path) => path.replace(`${folder}/`, ''));
  }

  it('counts a file once that is listed twice, at its first position', () => {
    expect(onceEach(['b', 'a', './b', 'c/../a', 'c'])).toEqual(['b', 'a', 'c']);
  });

  it('returns its policies in the order of their names', async () => {
    expect(await files('policy_dir: pol')).toEqual(['pol/10-balloon.rules', 'pol/20-ksm.policy']);
  });

  it('is not read when files are listed', async () => {
    expect(await files('policy: [b.policy, a.policy]')).toEqual(['b.policy', 'a.policy']);
  });

  it('must exist, be a directory and contain a policy', async () => {
    expect(await files('policy_dir: gone')).toBe(
      'ballast.yaml:1:13: policy_dir: gone: there is no such file or directory',
    );
    expect(await files('policy_dir: pol/policy')).toBe(
      'ballast.yaml:1:13: policy_dir: pol/policy: is not a directory, or its path leads through a file',
    );
    expect(await files('history: 5\npolicy_dir: none')).toBe(
      'ballast.yaml:2:13: policy_dir: none has no *.policy or *.rules file',
    );
  });
});
