import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBallast } from '../../support/ballast.ts';
import { hasProgram } from '../../support/has-program.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-completion-'));
  await writeFile(join(folder, 'my file.policy'), '');
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout } = await runBallast(['completion', shell]);
    expect(code).toBe(0);
    await writeFile(join(folder, shell), `${stdout}\n`);
  }
});
afterAll(() => rm(folder, { recursive: true }));

function inShell(...command: readonly [string, ...string[]]): readonly string[] {
  const [program, ...args] = command;
  return execFileSync(program, args, { cwd: folder, encoding: 'utf8' }).split('\n').filter(Boolean);
}

/** What bash offers after these words, of which the last one is not complete. */
function offered(...words: readonly string[]): readonly string[] {
  const quoted = words.map((word) => `'${word}'`).join(' ');
  return inShell(
    'bash',
    '-c',
    `source ./bash; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _ballast; printf '%s\\n' "\${COMPREPLY[@]}"`,
  );
}

describe('completion in bash', () => {
  it.each([
    [['ballast', 'rec'], ['record']],
    [
      ['ballast', 'params', ''],
      ['set', 'unset'],
    ],
    [['ballast', 'run', '--log-f'], ['--log-format']],
    [
      ['ballast', 'run', '--log-format', ''],
      ['json', 'pretty', 'mom'],
    ],
    [['ballast', 'run', '--once', '--log-level', 'w'], ['warn']],
    [['ballast', 'check', 'my'], ['my file.policy']],
    [['ballast', 'params', 'set', '--config', 'my'], ['my file.policy']],
    [['ballast', 'run', '--param', ''], []],
    [
      ['ballast', 'completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['ballast', 'nonsense', 'x'], []],
  ])('of %j offers %j', (words, expected) => {
    expect(offered(...words)).toEqual(expected);
  });

  it('offers every command', () => {
    expect(offered('ballast', '')).toEqual(expect.arrayContaining(['run', 'doctor', 'params', 'completion']));
  });
});

describe.skipIf(!hasProgram('zsh'))('completion in zsh (needs zsh)', () => {
  it('is a valid script', () => {
    expect(inShell('zsh', '-n', 'zsh')).toEqual([]);
  });
});

describe.skipIf(!hasProgram('fish'))('completion in fish (needs fish)', () => {
  const inFish = (line: string) =>
    inShell('fish', '-c', `source ./fish; complete -C '${line}'`).map((offer) => offer.split('\t')[0]);

  it.each([
    ['ballast rec', ['record']],
    ['ballast params s', ['set']],
    ['ballast run --log-format ', ['json', 'mom', 'pretty']],
    ['ballast completion ', ['bash', 'fish', 'zsh']],
    ['ballast run --on', ['--once']],
  ])('of "%s" offers %j', (line, expected) => {
    expect(inFish(line)).toEqual(expected);
  });
});
