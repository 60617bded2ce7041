import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadPluginsOf } from '../../../src/compose/setup.ts';
import { SetupError } from '../../../src/compose/setup-error.ts';
import { loadConfig } from '../../../src/compose/config.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-plugin-settings-'));
});

afterEach(() => rm(folder, { recursive: true }));

const MOST = "{ type: 'size', default: '4GiB', min: '1MiB', max: '1TiB', doc: 'At most.' }";

/** A site's guard in plain JavaScript. */
const guard = (settings: string) =>
  `export default { name: 'site', doc: 'A rule', settings: ${settings}, beforePlan: () => new Map() };\n`;

async function configWith(module: string, config: string): Promise<string> {
  await writeFile(join(folder, 'site.mjs'), module);
  const path = join(folder, 'ballast.yaml');
  await writeFile(path, `plugins: site.mjs\n${config}`);
  return path;
}

const SITE = guard(`{ key: 'site_rule', doc: 'A rule.', keys: { most: ${MOST} } }`);

describe("settings of a site's plugin", () => {
  it('are read from their group of the config and have defaults without it', async () => {
    const settingsOf = async (config: string) => {
      const { result } = await loadConfig(await configWith(SITE, config));
      return 'config' in result ? result.config.pluginSettings : result.errors;
    };
    expect(await settingsOf('site_rule: {most: 2GiB}\n')).toMatchObject({
      site_rule: { most: 2 * 1024 * 1024 },
      balloon: { floor: 256 * 1024 },
    });
    expect(await settingsOf('')).toMatchObject({ site_rule: { most: 4 * 1024 * 1024 } });
  });

  it('can be one of several texts', async () => {
    const mode = "{ type: 'choice', default: 'insist', choices: ['insist', 'yield'], doc: 'What to do.' }";
    const site = guard(`{ key: 'site_rule', doc: 'A rule.', keys: { mode: ${mode} } }`);
    const resultOf = async (config: string) => (await loadConfig(await configWith(site, config))).result;
    expect(await resultOf('')).toMatchObject({ config: { pluginSettings: { site_rule: { mode: 'insist' } } } });
    expect(await resultOf('site_rule: {mode: yield}\n')).toMatchObject({
      config: { pluginSettings: { site_rule: { mode: 'yield' } } },
    });
    expect(await resultOf('site_rule: {mode: yeild}\n')).toMatchObject({
      errors: [{ message: 'site_rule.mode: "yeild" is not insist or yield; did you mean yield?' }],
    });
  });

  it.each([
    [
      'an invalid value',
      SITE,
      'site_rule: {most: 2TiB}\n',
      'ballast.yaml:2:19: site_rule.most: "2TiB" is too large; the maximum is 1TiB',
    ],
    [
      'an unknown key',
      SITE,
      'site_rule: {mosst: 2GiB}\n',
      'ballast.yaml:2:13: unknown key "mosst" in site_rule; did you mean "most"?',
    ],
    [
      "the name of another plugin's group",
      guard(`{ key: 'balloon', doc: '', keys: {} }`),
      '',
      'the group of settings "balloon" is declared by balloon-limits and by site; each name can have one owner',
    ],
    [
      'a group named like a key of the config',
      guard(`{ key: 'libvirt', doc: '', keys: {} }`),
      '',
      'the group of settings "libvirt" is declared by the config itself and by site; each name can have one owner',
    ],
    [
      'an unknown type',
      guard(`{ key: 'x', doc: '', keys: { most: { type: 'speed' } } }`),
      '',
      'the settings of the plugin site are wrong: there is no type "speed" of settings',
    ],
    [
      'an invalid bound',
      guard(
        `{ key: 'x', doc: '', keys: { most: { type: 'size', default: '1MiB', min: 'few', max: '1GiB', doc: '' } } }`,
      ),
      '',
      'the settings of the plugin site are wrong: the bound',
    ],
    [
      'a default that is no choice',
      guard(
        `{ key: 'x', doc: '', keys: { mode: { type: 'choice', default: 'of', choices: ['on', 'off'], doc: '' } } }`,
      ),
      '',
      'the settings of the plugin site are wrong: the default "of" is none of on, off',
    ],
    ['a group without keys', guard(`{ key: 'x', doc: '' }`), '', 'the settings of the plugin site are wrong'],
  ])('%s is reported', async (_what, module, config, message) => {
    const path = await configWith(module, config);
    await expect(loadPluginsOf(path)).rejects.toThrow(SetupError);
    await expect(loadPluginsOf(path)).rejects.toThrow(message);
  });
});
