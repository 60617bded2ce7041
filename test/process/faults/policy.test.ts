import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/policy/limits/limits.ts';
import { runBallast, startBallast } from '../../support/ballast.ts';
import { FakeLibvirtd } from '../../support/fake-libvirtd.ts';
import { at, config, fails, file, FIRST_LOOK, folder, leave } from './support.ts';

describe('a policy', () => {
  const refused = async (content: string | Buffer): Promise<readonly string[]> => {
    const policy = await file('bad.policy', content);
    const checked = await runBallast(['check', 'bad.policy'], { cwd: folder });
    expect(checked.code).toBe(1);
    const said = await fails(['run', '--config', await config([]), '--policy', 'bad.policy', '--once'], 2);
    for (const line of said) expect(`${checked.stdout}\n${checked.stderr}`).toContain(line);
    await rm(policy);
    return said;
  };

  test('that is empty decides nothing and is no mistake', async () => {
    await file('empty.policy', '');
    expect(await runBallast(['check', 'empty.policy'], { cwd: folder })).toMatchObject({ code: 0 });
    const libvirtd = new FakeLibvirtd({ socketPath: at('libvirt.sock') });
    await libvirtd.start();
    expect(
      await runBallast(['run', '--config', await config([]), '--policy', at('empty.policy'), '--once']),
    ).toMatchObject({ code: 0 });
    await libvirtd.stop();
  });

  test('that is binary', async () => {
    expect(await refused(Buffer.from('7f454c4602010100', 'hex'))).toEqual([
      'bad.policy:1:8: error: the file is not text: it contains a zero byte',
      expect.any(String),
      expect.any(String),
      '  hint: is this a policy file?',
    ]);
  });

  test('of 10 MB', async () => {
    expect(await refused('(+ 1 2)\n'.repeat(1_310_720))).toEqual([
      `bad.policy:1:1: error: the file has 10485760 bytes; the limit is ${DEFAULT_LIMITS.sourceLength} characters`,
      '  1 | ',
      '    | ^',
      '  hint: is this a policy file?',
    ]);
  });

  test('that is unbalanced, both ways', async () => {
    expect(await refused('(with Guests vm\n  (vm.Control "balloon_target" 5)\n')).toEqual([
      'bad.policy:1:1: error: this ( is never closed',
      '  1 | (with Guests vm',
      '    | ^',
      '  hint: a ) is missing',
    ]);
    expect((await refused('(+ 1 2))\n'))[0]).toMatch(/^bad\.policy:1:8: error: /);
  });

  test('with unknown names: all of them, each with what was meant', async () => {
    expect(
      (await refused('(with Guests vm (vm.Control "balloon_targt" vm.balloon_kur))\n(frobnicate 1)\n')).filter((line) =>
        line.includes('error'),
      ),
    ).toEqual([
      'bad.policy:1:29: error: unknown control "balloon_targt"; did you mean "balloon_target"?',
      'bad.policy:1:45: error: unknown field "balloon_kur"; did you mean "balloon_cur"?',
      'bad.policy:2:1: error: unknown function "frobnicate"',
    ]);
  });

  test('that does not exist', async () => {
    expect(await fails(['run', '--policy', 'nowhere.policy', '--once'], 2)).toEqual([
      'the policy nowhere.policy cannot be read: there is no such file',
    ]);
    expect(await fails(['check', 'nowhere.policy'], 2)).toEqual([
      'the policy nowhere.policy cannot be read: there is no such file',
    ]);
  });

  test('that recurses without an end is stopped at its bound, said once, and the other policies go on', async () => {
    await file('endless.policy', '(def f (n) (f (+ n 1)))\n(f 1)\n');
    const ballast = startBallast(['run', '--config', await config([`policy: [endless.policy, ${FIRST_LOOK}]`])]);
    const bound =
      /endless\.policy:1:12: calls are nested more than 1000 deep; check for infinite recursion; this file has no effect while the error persists$/;
    await ballast.waitForLine(bound);
    for (const _ of [1, 2, 3]) await ballast.waitForLine(/host: free memory/, 60_000, ballast.lineCount());
    expect((await leave(ballast)).code).toBe(0);
    expect(ballast.stderr.filter((line) => bound.test(line))).toHaveLength(1);
  });

  test('that would run for ever is stopped at its bound', async () => {
    await file(
      'endless.policy',
      '(def f (n) { (f (- n 1)) (f (- n 1)) })\n(def g (n) (if (> n 0) { (g (- n 1)) (g (- n 1)) } 0))\n(g 900)\n',
    );
    const ballast = startBallast(['run', '--config', await config(['policy: endless.policy'])]);
    await ballast.waitForLine(/ERROR - \S*endless\.policy:\d+:\d+: more than .* steps/);
    expect((await leave(ballast)).code).toBe(0);
  });
});
