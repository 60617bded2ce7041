import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildProgram } from '../../../src/cli/program.ts';
import { capturedIo } from '../../support/captured-io.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'ballast-check-'))));
afterEach(() => rm(folder, { recursive: true }));

async function check(...args: readonly string[]) {
  const io = capturedIo();
  const signals = { stop: new AbortController().signal, onReload: () => {}, isAlive: () => true };
  const code = await buildProgram(io, signals)(['check', ...args]);
  const plain = (text: string) => text.replaceAll(`${folder}/`, '');
  return { code, stdout: plain(io.stdout.text), stderr: plain(io.stderr.text) };
}

const GOOD = {
  'ballast.yaml': 'policy_dir: policies\nplugins: [site.mjs]\n',
  'site.mjs': `export default { name: 'site', scope: 'host', create: () => ({ collect: async () => ({}) }),
    fields: [{ name: 'site_field', type: 'number', unit: 'none', doc: 'd', source: 's', optional: false }] };`,
  'policies/a.policy': '(param share 20%) (with Guests vm (if (> share 0) (vm.Control "balloon_target" 1) 0))\n',
  'policies/b.policy': '(debug Host.site_field)\n',
};

describe('ballast check --config', () => {
  const checked = async (files: Readonly<Record<string, string | null>>, ...args: readonly string[]) => {
    for (const [name, text] of Object.entries({ ...GOOD, ...files })) {
      if (text === null) continue;
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    return check('--config', join(folder, 'ballast.yaml'), ...args);
  };

  it('checks the config, its plugins, policies and parameters', async () => {
    expect(await checked({})).toEqual({
      code: 0,
      stdout: 'ballast.yaml and 2 policies: no mistakes found\n',
      stderr: '',
    });
  });

  it.each<[string, Readonly<Record<string, string | null>>, number, string]>([
    [
      'a key of the config',
      { 'ballast.yaml': 'histroy: 3\n' },
      2,
      'ballast.yaml:1:1: unknown key "histroy"; did you mean',
    ],
    ['a plugin that cannot be loaded', { 'site.mjs': 'nonsense(' }, 2, 'the plugin site.mjs cannot be loaded'],
    ['a collector that does not exist', { 'ballast.yaml': 'collectors: [no-such]\n' }, 2, 'no collector "no-such"'],
    ['a policy that is not there', { 'ballast.yaml': 'policy: gone.policy\n' }, 2, 'gone.policy'],
    [
      'a mistake in a policy',
      { 'policies/b.policy': '(debug Host.site_feld)' },
      1,
      'policies/b.policy:1:8: error: unknown field',
    ],
    [
      'a value of a parameter',
      { 'ballast.yaml': 'policy_dir: policies\nplugins: [site.mjs]\npolicy: {parameters: {shar: 1}}\n' },
      1,
      'ballast.yaml:3:23: unknown parameter "shar"; did you mean "share"?',
    ],
    [
      'a value in the parameters file',
      {
        'ballast.yaml': 'policy_dir: policies\nplugins: [site.mjs]\npolicy: {parameters_file: p.yaml}\n',
        'p.yaml': 'share: {guests: {db-1: 5s}}\n',
      },
      1,
      'p.yaml:1:24: share for guests db-1:',
    ],
  ])('reports %s', async (_what, files, code, message) => {
    const got = await checked(files);
    expect(got.code).toBe(code);
    expect(got.stdout + got.stderr).toContain(message);
  });

  const DEAF = {
    'ballast.yaml': 'policy: {files: c.policy, parameters: {limit: {guests: {db-1: 5%}}}}\n',
    'c.policy': '(param limit 20%) (if (< 0.1 limit) (with Guests vm (vm.Control "balloon_target" 1)) 0)\n',
  };

  it('warns of a value for one guest where no guest sees it', async () => {
    const { code, stdout } = await checked(DEAF);
    expect(code).toBe(0);
    expect(stdout).toContain(
      'warning: ballast.yaml:1:63: limit for guests db-1: has no effect: the policy reads it outside',
    );
    expect(stdout).toContain('ballast.yaml and 1 policy: 1 warning\n');
  });

  it('prints JSON', async () => {
    const { stdout } = await checked(DEAF, '--json');
    expect(JSON.parse(stdout)).toMatchObject([{ severity: 'warning', code: 'config' }]);
  });

  it('says that a config without policies has none', async () => {
    expect(await checked({ 'ballast.yaml': 'history: 3\n' })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('names no policy') as string,
    });
  });
});
