import { mkdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { at, fails, file } from './support.ts';

describe('an invalid config', () => {
  const errorsOf = async (text: string): Promise<readonly string[]> => {
    await file('bad.yaml', text);
    return fails(['run', '--config', 'bad.yaml', '--once'], 2);
  };

  test('reports an unknown key', async () => {
    expect(await errorsOf('colect_interval: 5s\n')).toEqual([
      'bad.yaml:1:1: unknown key "colect_interval"; did you mean "collect_interval"?',
    ]);
  });

  test('reports values of the wrong type', async () => {
    expect(await errorsOf('collect_interval: [1]\nhistory: many\n')).toEqual([
      'bad.yaml:1:19: collect_interval: a list is not a duration; write a number with ms, s, min or h, such as 5s',
      'bad.yaml:2:10: history: "many" is not a whole number from 1 to 1000',
    ]);
  });

  test('reports that both policy and policy_dir are set', async () => {
    expect(await errorsOf('policy: a.policy\npolicy_dir: policies\n')).toEqual([
      'bad.yaml:2:13: policy_dir: policy files are already set by "policy" on line 1; set only one of the two',
    ]);
  });

  test('reports a config that does not exist', async () => {
    expect(await fails(['run', '--config', 'nowhere.yaml', '--once'], 2)).toEqual([
      'nowhere.yaml: there is no such file or directory',
    ]);
  });

  test('reports a policy_dir that does not exist or contains no policy', async () => {
    expect(await errorsOf('policy_dir: nowhere\n')).toEqual([
      `bad.yaml:1:13: policy_dir: ${at('nowhere')}: there is no such file or directory`,
    ]);
    await mkdir(at('hollow'), { recursive: true });
    expect(await errorsOf('policy_dir: hollow\n')).toEqual([
      `bad.yaml:1:13: policy_dir: ${at('hollow')} has no *.policy or *.rules file`,
    ]);
  });

  test('reports an unknown controller and a missing plugin', async () => {
    expect((await errorsOf('controllers: [ksm, baloon]\n'))[0]).toMatch(/controllers?\b.*"baloon".*balloon/);
    expect((await errorsOf('plugins: nowhere.mjs\n'))[0]).toMatch(/^the plugin \S*nowhere\.mjs cannot be loaded: /);
  });

  test('reports that no policy is given', async () => {
    expect(await errorsOf('')).toEqual([
      'no policy given: set "policy: FILE" in the config, or use --policy FILE. To observe without making changes, use "ballast record", or first-look.policy in /usr/share/ballast/policies',
    ]);
  });
});
