import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { HostFileError } from '../../../src/ports/host.ts';
import { kernelFiles } from '../../../src/host/kernel-files.ts';
import { KernelTree } from '../../support/kernel.ts';

describe("the kernel's files", () => {
  it('are read below the given root', async () => {
    const tree = await KernelTree.of({ '/proc/meminfo': 'MemTotal: 1 kB\n' });
    expect(await tree.host.readText('/proc/meminfo')).toBe('MemTotal: 1 kB\n');
    expect(await kernelFiles(`${tree.root}/`).readText('/proc/meminfo')).toBe('MemTotal: 1 kB\n');
  });

  it('are the real ones without a root', async () => {
    expect(await kernelFiles().readText('/proc/self/stat')).toMatch(/^\d+ \(/);
  });

  it('are read completely, whatever their size', async () => {
    const tree = await KernelTree.of({});
    for (const size of [0, 1, 2047, 2048, 4095, 4096, 4097, 8192, 100_000]) {
      const text = 'äbc\n'.repeat(Math.ceil(size / 5)).slice(0, size);
      await tree.set('/proc/file', text);
      expect(await tree.host.readText('/proc/file')).toBe(text);
    }
  });

  it('are read completely when the kernel returns them in pieces', async () => {
    // A file of several pages, of a sleeping process so that it does not change.
    const sleeper = spawn('sleep', ['60']);
    onTestFinished(() => void sleeper.kill());
    await once(sleeper, 'spawn');
    const path = `/proc/${sleeper.pid}/smaps`;
    const names = (text: string | null) => text?.split('\n').map((line) => line.split(/[ :]/)[0]);
    await vi.waitFor(() => expect(readFileSync(`/proc/${sleeper.pid}/comm`, 'utf8')).toBe('sleep\n'));
    await vi.waitFor(async () => {
      const text = await kernelFiles().readText(path);
      expect(text!.length).toBeGreaterThan(8192);
      expect(names(text)).toEqual(names(readFileSync(path, 'utf8')));
    }, 10_000);
  });

  it('are refused when no kernel writes so much', async () => {
    const tree = await KernelTree.of({ '/proc/file': 'x'.repeat(5 * 1024 * 1024) });
    await expect(tree.host.readText('/proc/file')).rejects.toThrow('/proc/file: more than 4096 KiB (EFBIG)');
  });

  it('are null when they do not exist', async () => {
    const tree = await KernelTree.of({});
    expect(await tree.host.readText('/proc/meminfo')).toBeNull();
    expect(await tree.host.list('/proc')).toBeNull();
  });

  it('are null when their process has ended', async () => {
    expect(await kernelFiles().readText('/proc/999999999/stat')).toBeNull();
  });

  it('are listed', async () => {
    const tree = await KernelTree.of({ '/proc/1/stat': '', '/proc/meminfo': '' });
    expect([...(await tree.host.list('/proc'))!].sort()).toEqual(['1', 'meminfo']);
  });

  it('cannot be read: the error has their path and the error code', async () => {
    const tree = await KernelTree.of({});
    await mkdir(join(tree.root, 'proc/meminfo'), { recursive: true });
    const error = await tree.host.readText('/proc/meminfo').catch((error: unknown) => error);
    expect(error).toBeInstanceOf(HostFileError);
    expect(error).toMatchObject({ path: '/proc/meminfo', code: 'EISDIR' });
    expect((error as Error).message).toBe(
      `cannot read ${tree.root}/proc/meminfo: illegal operation on a directory (EISDIR)`,
    );
  });

  it('are overwritten completely', async () => {
    const tree = await KernelTree.of({ '/sys/knob': '1000\n' });
    await tree.host.writeText('/sys/knob', '20');
    expect(await tree.get('/sys/knob')).toBe('20');
  });

  it('are not created by writing', async () => {
    const tree = await KernelTree.of({ '/sys/knob': '' });
    await expect(tree.host.writeText('/sys/other', '1')).rejects.toMatchObject({ code: 'ENOENT', path: '/sys/other' });
    expect(await tree.host.list('/sys')).toEqual(['knob']);
  });

  it("cannot be written: the error is the kernel's own", async () => {
    // A file of the real kernel that exists on every machine, can be opened by root and rejects the text.
    const refused = await kernelFiles()
      .writeText('/proc/self/oom_score_adj', 'much')
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'EINVAL', path: '/proc/self/oom_score_adj' });
    expect((refused as Error).message).toBe('cannot write /proc/self/oom_score_adj: invalid argument (EINVAL)');
  });
});
