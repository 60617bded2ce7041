import { describe, expect, it } from 'vitest';
import { readKsm } from '../../../src/host/ksm.ts';
import { fixtureHost, KernelTree } from '../../support/kernel.ts';

describe('a file of KSM', () => {
  it('contains a number, which may be negative', async () => {
    expect(await readKsm(fixtureHost('linux-6.18'), 'general_profit')).toBe(-5482624);
  });

  it('may contain a negative number printed without its sign', async () => {
    const tree = await KernelTree.of({
      '/sys/kernel/mm/ksm/general_profit': '18446744073709551615\n',
      '/sys/kernel/mm/ksm/pages_sharing': '9223372036854775808\n',
      '/sys/kernel/mm/ksm/pages_shared': '-3\n',
      '/sys/kernel/mm/ksm/pages_scanned': '9007199254740993\n',
    });
    expect(await readKsm(tree.host, 'general_profit')).toBe(-1);
    expect(await readKsm(tree.host, 'pages_sharing')).toBeNull();
    expect(await readKsm(tree.host, 'pages_shared')).toBeNull();
    expect(await readKsm(tree.host, 'pages_scanned')).toBe(9007199254740992);
  });

  it('contains a choice in brackets', async () => {
    const tree = await KernelTree.of({ '/sys/kernel/mm/ksm/advisor_mode': 'none [scan-time]\n' });
    expect(await readKsm(fixtureHost('linux-6.18'), 'advisor_mode')).toBe('none');
    expect(await readKsm(tree.host, 'advisor_mode')).toBe('scan-time');
  });

  it('is null when the kernel lacks it', async () => {
    expect(await readKsm(fixtureHost('linux-5.10'), 'smart_scan')).toBeNull();
  });

  it('is an error when it is invalid', async () => {
    await expect(readKsm(fixtureHost('odd-lines'), 'run')).rejects.toThrow(
      '/sys/kernel/mm/ksm/run:1: expected a whole number, found "yes"',
    );
    await expect(readKsm(fixtureHost('odd-lines'), 'advisor_mode')).rejects.toThrow(
      '/sys/kernel/mm/ksm/advisor_mode:1: expected a choice in brackets, as in none [scan-time], found "none scan-time"',
    );
  });
});
