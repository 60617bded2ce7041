import { describe, expect, it } from 'vitest';
import { collectHost, KernelTree } from '../../support/kernel.ts';
import { hostSwappiness } from './host-swappiness.ts';

const FILE = '/proc/sys/vm/swappiness';

describe('host-swappiness', () => {
  it('reads the number', async () => {
    const tree = await KernelTree.of({ [FILE]: '60\n' });
    expect(await collectHost(hostSwappiness, tree.host)).toEqual({ vm_swappiness: 60 });
  });

  it('returns nil when the file does not exist', async () => {
    const tree = await KernelTree.of({});
    expect(await collectHost(hostSwappiness, tree.host)).toEqual({ vm_swappiness: null });
  });

  it('fails with file and line when it is not a number', async () => {
    const tree = await KernelTree.of({ [FILE]: 'a lot\n' });
    await expect(collectHost(hostSwappiness, tree.host)).rejects.toThrow(
      `${FILE}:1: expected a whole number, found "a lot"`,
    );
  });
});
