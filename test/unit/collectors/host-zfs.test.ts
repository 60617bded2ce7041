import { describe, expect, it } from 'vitest';
import { hostZfs } from '../../../collectors/host-zfs.ts';
import { collectHost, fixtureHost, KernelTree } from '../../support/kernel.ts';

const ARCSTATS = '/proc/spl/kstat/zfs/arcstats';

describe('host-zfs', () => {
  it('returns the size of the cache in KiB', async () => {
    expect(await collectHost(hostZfs, fixtureHost('zfs'))).toEqual({
      zfs_arc_size: 7864320,
      zfs_arc_min: 1031412,
      zfs_arc_max: 16502592,
    });
  });

  it('returns nil on a host without OpenZFS', async () => {
    expect(await collectHost(hostZfs, fixtureHost('linux-6.18'))).toEqual({});
  });

  it('omits a missing line and fails when a line is invalid', async () => {
    const tree = await KernelTree.of({ [ARCSTATS]: 'size 4 2048\n' });
    expect(await collectHost(hostZfs, tree.host)).toEqual({
      zfs_arc_size: 2,
      zfs_arc_min: undefined,
      zfs_arc_max: undefined,
    });
    await tree.set(ARCSTATS, '\n\nsize 4 big\n');
    await expect(collectHost(hostZfs, tree.host)).rejects.toThrow(
      `${ARCSTATS}:3: expected a whole number, found "big"`,
    );
  });
});
