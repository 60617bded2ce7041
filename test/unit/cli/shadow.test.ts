import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram } from '../../../src/cli/program.ts';
import { capturedIo } from '../../support/captured-io.ts';

const SIGNALS = { stop: new AbortController().signal, onReload: () => {}, isAlive: () => true };
const DEMO = 'test/recordings/demo.jsonl.gz';
const BALLOON = 'policies/mom-balloon.policy';

async function ballast(...args: string[]) {
  const io = capturedIo();
  const code = await buildProgram(io, SIGNALS)(args);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-shadow-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

async function compared(...args: string[]) {
  const { code, stdout, stderr } = await ballast('shadow', DEMO, '--json', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown> & { readonly controls: readonly Record<string, unknown>[] };
}

describe('ballast shadow with a recording', () => {
  it('finds no difference of a policy to itself', async () => {
    const { controls, ...found } = await compared('--policy', BALLOON, '--shadow', BALLOON);
    expect(found).toMatchObject({ file: DEMO, evaluations: 100, differing: 0, guests: [], more_gib_h: 0 });
    expect(controls).toEqual([
      { control: 'balloon_target', same: 243, more: 0, less: 0, other: 0, only_shadow: 0, only_policy: 0 },
    ]);
  });

  it('takes values for the shadow from the command line before those of the config, and others from the policy', async () => {
    const config = await file(
      'ballast.yaml',
      `policy: {files: [${join(process.cwd(), BALLOON)}], parameters: {shortage_share: 30%}}\nshadow: {parameters: {shortage_share: 10%}}\n`,
    );
    expect(await compared('--config', config)).toMatchObject({ parameters: ['shortage_share = 10%'] });
    const same = await compared('--config', config, '--shadow-param', 'shortage_share=30%');
    expect(same).toMatchObject({ parameters: ['shortage_share = 30%'], differing: 0 });
    const others = await compared('--config', config, '--shadow-param', 'step_share=5%', '--shadow', BALLOON);
    expect(others).toMatchObject({ parameters: ['step_share = 5%', 'shortage_share = 10%'] });
  });

  it('counts errors of the shadow', async () => {
    const wrong = await file('wrong.policy', '(with Guests g (/ 1 (- g.balloon_cur g.balloon_cur)))\n');
    expect(await compared('--policy', BALLOON, '--shadow', wrong)).toMatchObject({ errors: 400, evaluations: 100 });
  });

  it('prints a table for each recording', async () => {
    const { code, stdout } = await ballast('shadow', DEMO, DEMO, '--policy', BALLOON, '--shadow-param', 'step_share=1%');
    expect(code).toBe(0);
    expect(stdout.match(/^test\/recordings\/demo\.jsonl\.gz\nshadow {7}policies\/mom-balloon\.policy, with step_share = 1%$/gm)).toHaveLength(2);
  }); // prettier-ignore

  it.each([
    [['--policy', BALLOON], 2, /^nothing to compare with: use --shadow FILE or --shadow-param NAME=VALUE/],
    [['--shadow', BALLOON], 2, /^no policy given, and recordings contain none/],
    [['--policy', BALLOON, '--shadow', 'gone.policy'], 2, /^the policy gone\.policy cannot be read: there is no such file/],
    [['--policy', BALLOON, '--shadow-param', 'stepshare=1%'], 2, /^--shadow-param stepshare: unknown parameter "stepshare"; did you mean "step_share"\?/],
    [['--policy', BALLOON, '--shadow-param', 'step_share=5000%'], 2, /^--shadow-param step_share: .*100%/],
  ])('%j is refused', async (args, code, message) => {
    const found = await ballast('shadow', DEMO, ...args);
    expect(found).toMatchObject({ code, stdout: '' });
    expect(found.stderr).toMatch(message);
  }); // prettier-ignore

  it('refuses what is not a recording', async () => {
    const found = await ballast('shadow', await file('x.jsonl', 'x\n'), '--policy', BALLOON, '--shadow', BALLOON);
    expect(found.code).toBe(2);
    expect(found.stderr).toMatch(/x\.jsonl/);
  });
});
