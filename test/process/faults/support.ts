import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect } from 'vitest';
import { runBallast } from '../../support/ballast.ts';
import type { Exit, RunningProcess } from '../../support/process.ts';

/** The path of a file in the checkout. */
export const fromCheckout = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
export const FIRST_LOOK = fromCheckout('policies/first-look.policy');

/** Matches a line of a JavaScript stack. */
export const STACK = /^ +at |node:internal|\.ts:\d+:\d+\)/m;

/** A temporary folder for each test file that imports this, with a separate host root. */
export let folder: string;

export const at = (name: string): string => join(folder, name);

export async function file(name: string, content: string | Buffer): Promise<string> {
  await writeFile(at(name), content);
  return at(name);
}

/** The config of a daemon that uses neither KSM nor libvirt of this machine. */
export function config(lines: readonly string[] = [`policy: ${FIRST_LOOK}`]): Promise<string> {
  const base = [
    `libvirt: {socket: ${at('libvirt.sock')}}`,
    `host_root: ${at('host')}`,
    'collect_interval: 100ms',
    'policy_interval: 100ms',
    'log: {format: mom}',
  ];
  return file('ballast.yaml', [...base, ...lines, ''].join('\n'));
}

/** Runs `ballast`, checks its exit code and that standard error contains no stack, and returns its lines. */
export async function fails(args: readonly string[], code: number): Promise<readonly string[]> {
  const exit = await runBallast(args, { cwd: folder });
  expect(exit.stderr).not.toMatch(STACK);
  expect({ code: exit.code, stdout: exit.stdout }).toEqual({ code, stdout: '' });
  return exit.stderr.split('\n');
}

/** The messages of log lines in MOM's format. */
export function messages(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.split(' - ').slice(2).join(' - '));
}

/** Stops a daemon and checks that it has printed no stack. */
export async function stopCleanly(ballast: RunningProcess): Promise<Exit> {
  const exit = await ballast.stop('SIGTERM');
  expect(ballast.stderr.join('\n')).not.toMatch(STACK);
  return exit;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-faults-'));
  await cp(fromCheckout('test/fixtures/hosts/linux-6.18'), at('host'), { recursive: true });
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});
