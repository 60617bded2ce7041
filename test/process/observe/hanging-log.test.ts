import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

function messages(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { msg: string }).msg);
}

describe('a process whose log is not read', () => {
  /** Runs hanging-log.ts, which reports its state on standard output. */
  async function run(
    stderr: 'pipe' | number,
    onStart: (child: ChildProcess) => void = () => {},
  ): Promise<{ readonly output: string[]; readonly code: number | null }> {
    const script = join(import.meta.dirname, 'hanging-log.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'pipe', stderr] });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    onStart(child);
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
    const code = await new Promise<number | null>((resolve) => {
      child.on('exit', resolve);
    });
    return { output: text.split('\n').filter((line) => line !== ''), code };
  }

  it('continues, and can exit', async () => {
    expect(await run('pipe')).toEqual({ output: ['alive', 'closed'], code: 0 });
  });

  it('continues when the reader exits, and is notified', async () => {
    const { output, code } = await run('pipe', (child) => child.stderr?.destroy());
    expect({ output: output.toSorted(), code }).toEqual({ output: ['alive', 'closed', 'error EPIPE'], code: 0 });
  });

  it('continues when the disk is full, and can exit', async () => {
    const full = await open('/dev/full', 'w');
    onTestFinished(() => full.close());
    const { output, code } = await run(full.fd);
    expect({ output: output.toSorted(), code }).toEqual({ output: ['alive', 'closed', 'error ENOSPC'], code: 0 });
  });

  it('writes every line to a file, or the number of lost lines', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'ballast-log-')), 'err.log');
    onTestFinished(() => rm(dirname(path), { recursive: true }));
    const file = await open(path, 'w');
    onTestFinished(() => file.close());
    expect(await run(file.fd)).toEqual({ output: ['alive', 'closed'], code: 0 });
    const written = messages(await readFile(path, 'utf8'));
    const lost = written
      .map((message) => Number(/^(\d+) log lines were lost/.exec(message)?.[1] ?? -1))
      .filter((count) => count >= 0);
    expect(written.length - lost.length + lost.reduce((sum, count) => sum + count, 0)).toBe(10_000);
  });
});
