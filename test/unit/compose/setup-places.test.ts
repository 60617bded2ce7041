import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { inspectSetup } from '../../../src/compose/setup.ts';

// Names in a config that are found to be wrong only when it is used are reported at their place in it.

const dir = mkdtempSync(join(tmpdir(), 'ballast-setup-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});
writeFileSync(join(dir, 'p.policy'), '(debug 1)\n');

async function messageOf(text: string): Promise<string> {
  const path = join(dir, 'c.yaml');
  writeFileSync(path, text);
  try {
    const { problems } = await inspectSetup(path);
    return problems.join('\n');
  } catch (error) {
    return (error as Error).message.replaceAll(`${dir}/`, '');
  }
}

describe('places in the config', () => {
  test.each([
    [
      'a controller in capitals',
      'policy: p.policy\ncontrollers: [balloon, KSM]\n',
      'c.yaml:2:24: controllers[1]: there is no controller "KSM"; did you mean "ksm"?',
    ],
    [
      'two controllers in one text',
      'policy: p.policy\ncontrollers: ksm, balloon\n',
      'c.yaml:2:14: controllers[0]: there is no controller "ksm, balloon"; there are: default, ksm, balloon, cpu-tune, io-tune',
    ],
    [
      "a collector under the name of MOM's",
      'policy: p.policy\ncollectors: [HostMemory]\n',
      'c.yaml:2:14: collectors[0]: there is no collector "HostMemory"; did you mean "host-memory"?',
    ],
    [
      'a policy that is missing',
      'policy: gone.policy\n',
      'c.yaml:1:9: policy.files: the policy gone.policy cannot be read: there is no such file',
    ],
  ])('%s', async (_, text, want) => {
    expect(await messageOf(text)).toBe(want);
  });
});
