import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { lockHolder, takeLock, usableDirectory } from '../../../src/daemon/process-lock.ts';
import { parseProcessStat } from '../../../src/host/process-stat.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A process that waits until it is killed, and the name of its file. */
async function otherProcess() {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child, 'spawn');
  const stat = parseProcessStat('stat', await readFile(`/proc/${child.pid}/stat`, 'utf8'));
  return { child, name: `${child.pid}-${stat.startTicks}`, ticks: stat.startTicks };
}

async function take(key = 'run') {
  const taken = await takeLock(folder, key, 'this test');
  if (taken.kind === 'held') onTestFinished(() => taken.release());
  return taken;
}

describe('a lock', () => {
  it('is held by one process until it gives it up, with nothing left behind', async () => {
    const first = await take();
    expect(first.kind).toBe('held');
    expect(await take()).toMatchObject({ kind: 'taken', by: { pid: process.pid, what: 'this test' } });
    expect((await take('other')).kind).toBe('held');
    expect(await lockHolder(folder, 'run')).toMatchObject({ pid: process.pid, what: 'this test' });
    if (first.kind === 'held') await first.release();
    expect(await lockHolder(folder, 'run')).toBeNull();
    expect((await readdir(folder)).filter((name) => name.startsWith('run'))).toEqual([]);
    expect((await take()).kind).toBe('held');
  });

  it('is kept out by a process that runs, and not by one that was killed', async () => {
    const { child, name } = await otherProcess();
    await writeFile(join(folder, `run-${name}.lock`), 'ballast run');
    expect(await take()).toMatchObject({ kind: 'taken', by: { pid: child.pid, what: 'ballast run' } });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect((await take()).kind).toBe('held');
    expect(await readdir(folder)).toEqual([expect.stringContaining(`-${process.pid}-`)]);
  });

  it('is not kept out by a file of another process with the same number', async () => {
    const { child, ticks } = await otherProcess();
    await writeFile(join(folder, `run-${child.pid}-${ticks + 1}.lock`), '');
    expect((await take()).kind).toBe('held');
  });

  it('has a name of the process alone: in a container others may see another id of the boot', async () => {
    const taken = await take();
    expect(taken.kind === 'held' && taken.path).toMatch(new RegExp(`/run-${process.pid}-\\d+\\.lock$`));
  });

  it('is refused while another process only claims it, so that two never hold it', async () => {
    const { child, name } = await otherProcess();
    await writeFile(join(folder, `run-${name}.claim`), 'ballast run');
    expect(await take()).toMatchObject({ kind: 'taken', by: { pid: child.pid } });
    expect(await readdir(folder)).toEqual([`run-${name}.claim`]);
  });

  it('leaves files alone that are not its own', async () => {
    const names = ['run', 'run-x.lock', 'run-1-1.lock.bak', 'runs-1-1.lock', 'stop'];
    for (const name of names) await writeFile(join(folder, name), '');
    expect((await take()).kind).toBe('held');
    expect(await readdir(folder)).toEqual(expect.arrayContaining(names));
  });

  it('is an error where there is no directory', async () => {
    await expect(takeLock(join(folder, 'none'), 'run', '')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await lockHolder(join(folder, 'none'), 'run')).toBeNull();
  });
});

describe('the directory of a lock', () => {
  it('is the first that is of this user alone', async () => {
    const [open, file, link] = [join(folder, 'open'), join(folder, 'file'), join(folder, 'link')];
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    await writeFile(file, '');
    await symlink(folder, link);
    expect(await usableDirectory([open], true)).toBe(open);
    await chmod(open, 0o777);
    expect(await usableDirectory([open, file, link, '/proc/none', first, second], true)).toBe(first);
    expect(await readdir(folder)).not.toContain('second');
    expect(await usableDirectory([second], false)).toBeNull();
    expect(await readdir(folder)).not.toContain('second');
  });
});
