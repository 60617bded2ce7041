import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { everyKey, keyTree } from '../../../src/yaml/key-tree.ts';
import { configSchema, defaultConfig, loadConfig, parseConfig } from '../../support/config.ts';

const EXAMPLE = 'docs/ballast.yaml';

describe('docs/configuration.md', () => {
  it('contains a config that loads', () => {
    const page = readFileSync('docs/configuration.md', 'utf8');
    const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text ?? '');
    expect(examples).not.toHaveLength(0);
    for (const text of examples) expect(parseConfig('example', text)).toHaveProperty('config');
  });
});

describe('docs/ballast.yaml', () => {
  it('loads, and its values are the defaults', async () => {
    expect(await loadConfig(EXAMPLE)).toMatchObject({ config: { ...defaultConfig(), hostRoot: '/' } });
  });

  it('lists every key, and stays valid when its comments are removed', () => {
    const text = readFileSync(EXAMPLE, 'utf8');
    for (const key of everyKey(keyTree(configSchema)))
      expect(text, key.path.join('.')).toMatch(new RegExp(`\\b${key.path.at(-1)}:`));

    const uncommented = text
      .replaceAll(
        /^( *)# ((?: *)(?:socket|parameters_file|policy_dir|collectors|record|path|rotate_size|rotate_age|keep|file|runtime_dir|state_dir|stop_file): *)/gm,
        '$1$2',
      )
      .replaceAll(/^#   #/gm, '  #')
      .replace('policy_dir: policy.d', '# policy_dir: policy.d');
    const result = parseConfig('ballast.yaml', uncommented);
    expect(result).toMatchObject({
      config: {
        policy: { parametersFile: '/etc/ballast/parameters.yaml' },
        libvirt: { socket: '/run/libvirt/virtqemud-sock' },
        record: {
          path: '/var/lib/ballast/host.jsonl.gz',
          rotateBytes: 67_108_864,
          rotateMs: 86_400_000,
          keep: 7,
          keepMs: 604_800_000,
          keepBytes: 1_073_741_824,
        },
        log: { file: '/var/log/ballast.log' },
        runtimeDir: '/run/ballast',
        stateDir: '/var/lib/ballast',
        stopFile: '/run/ballast/stop',
      },
    });
  });
});
