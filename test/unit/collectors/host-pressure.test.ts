import { describe, expect, it } from 'vitest';
import { hostPressure } from '../../../collectors/host-pressure.ts';
import { HostFileError } from '../../../src/ports/host.ts';
import { collectHost, fixtureHost, KernelTree } from '../../support/kernel.ts';

describe('host-pressure', () => {
  it('reads all pressure files of a real kernel', async () => {
    const values = await collectHost(hostPressure, fixtureHost('linux-6.18'));
    expect(Object.keys(values)).toHaveLength(24);
    expect(Object.values(values).every((value) => typeof value === 'number')).toBe(true);
  });

  it('gives each value its own name', async () => {
    expect(await collectHost(hostPressure, fixtureHost('linux-5.10'))).toMatchObject({
      psi_memory_some_avg10: 1.25,
      psi_memory_some_avg60: 0.8,
      psi_memory_some_avg300: 0.31,
      psi_memory_some_total: 987654321,
      psi_memory_full_avg10: 0.5,
      psi_memory_full_total: 123456789,
      psi_cpu_some_avg10: 12,
      psi_cpu_full_avg10: null,
      psi_io_full_total: 21,
    });
  });

  it('returns nil for everything on a kernel without PSI', async () => {
    const values = await collectHost(hostPressure, fixtureHost('bare'));
    expect(new Set(Object.values(values))).toEqual(new Set([null]));
  });

  it('treats files that cannot be opened as a kernel without PSI', async () => {
    const refused = new HostFileError('/proc/pressure/memory', 'EOPNOTSUPP', 'cannot read it');
    const host = { ...fixtureHost('bare'), readText: () => Promise.reject(refused) };
    expect((await collectHost(hostPressure, host)).psi_memory_some_avg10).toBeNull();
  });

  it('fails when a file cannot be read for another reason', async () => {
    const refused = new HostFileError('/proc/pressure/memory', 'EACCES', 'cannot read it');
    const host = { ...fixtureHost('bare'), readText: () => Promise.reject(refused) };
    await expect(collectHost(hostPressure, host)).rejects.toBe(refused);
  });

  it('fails with file and line when a value is invalid', async () => {
    await expect(collectHost(hostPressure, fixtureHost('odd-lines'))).rejects.toThrow(
      '/proc/pressure/memory:1: expected avg10= in percent',
    );
    const tree = await KernelTree.of({ '/proc/pressure/io': 'some avg10=0.00 avg60=0.00 avg300=0.00\n' });
    await expect(collectHost(hostPressure, tree.host)).rejects.toThrow('/proc/pressure/io:1: expected total=');
  });
});
