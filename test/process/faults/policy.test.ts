import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/policy/limits/limits.ts';
import { runBallast, startBallast } from '../../support/ballast.ts';
import { FakeLibvirtd } from '../../support/fake-libvirtd.ts';
import { at, config, fails, file, FIRST_LOOK, folder, stopCleanly } from './support.ts';

describe('a policy', () => {
  const errorsOf = async (content: string | Buffer): Promise<readonly string[]> => {
    const policy = await file('bad.policy', content);
    const checked = await runBallast(['check', 'bad.policy'], { cwd: folder });
    expect(checked.code).toBe(1);
    const errors = await fails(['run', '--config', await config([]), '--policy', 'bad.policy', '--once'], 2);
    for (const line of errors) expect(`${checked.stdout}\n${checked.stderr}`).toContain(line);
    await rm(policy);
    return errors;
  };

  test('an empty policy decides nothing and is valid', async () => {
    await file('empty.policy', '');
    expect(await runBallast(['check', 'empty.policy'], { cwd: folder })).toMatchObject({ code: 0 });
    const libvirtd = new FakeLibvirtd({ socketPath: at('libvirt.sock') });
    await libvirtd.start();
    expect(
      await runBallast(['run', '--config', await config([]), '--policy', at('empty.policy'), '--once']),
    ).toMatchObject({ code: 0 });
    await libvirtd.stop();
  });

  test('a binary file is rejected', async () => {
    expect(await errorsOf(Buffer.from('7f454c4602010100', 'hex'))).toEqual([
      'bad.policy:1:8: error: the file is not text: it contains a zero byte',
      expect.any(String),
      expect.any(String),
      '  hint: is this a policy file?',
    ]);
  });

  test('a file of 10 MB is rejected', async () => {
    expect(await errorsOf('(+ 1 2)\n'.repeat(1_310_720))).toEqual([
      `bad.policy:1:1: error: the file has 10485760 bytes; the limit is ${DEFAULT_LIMITS.sourceLength} characters`,
      '  1 | ',
      '    | ^',
      '  hint: is this a policy file?',
    ]);
  });

  test('missing and extra closing brackets are reported', async () => {
    expect(await errorsOf('(with Guests vm\n  (vm.Control "balloon_target" 5)\n')).toEqual([
      'bad.policy:1:1: error: this ( is never closed',
      '  1 | (with Guests vm',
      '    | ^',
      '  hint: a ) is missing',
    ]);
    expect((await errorsOf('(+ 1 2))\n'))[0]).toMatch(/^bad\.policy:1:8: error: /);
  });

  test('all unknown names are reported, with suggestions', async () => {
    expect(
      (await errorsOf('(with Guests vm (vm.Control "balloon_targt" vm.balloon_kur))\n(frobnicate 1)\n')).filter(
        (line) => line.includes('error'),
      ),
    ).toEqual([
      'bad.policy:1:29: error: unknown control "balloon_targt"; did you mean "balloon_target"?',
      'bad.policy:1:45: error: unknown field "balloon_kur"; did you mean "balloon_cur"?',
      'bad.policy:2:1: error: unknown function "frobnicate"',
    ]);
  });

  test('a missing file is reported', async () => {
    expect(await fails(['run', '--policy', 'nowhere.policy', '--once'], 2)).toEqual([
      'the policy nowhere.policy cannot be read: there is no such file',
    ]);
    expect(await fails(['check', 'nowhere.policy'], 2)).toEqual([
      'the policy nowhere.policy cannot be read: there is no such file',
    ]);
  });

  test('infinite recursion is stopped at its limit and reported once, and other policies are still evaluated', async () => {
    await file('endless.policy', '(def f (n) (f (+ n 1)))\n(f 1)\n');
    const ballast = startBallast(['run', '--config', await config([`policy: [endless.policy, ${FIRST_LOOK}]`])]);
    const limit =
      /endless\.policy:1:12: calls are nested more than 1000 deep; check for infinite recursion; this file has no effect while the error persists$/;
    await ballast.waitForLine(limit);
    for (const _ of [1, 2, 3]) await ballast.waitForLine(/host: free memory/, 60_000, ballast.lineCount());
    expect((await stopCleanly(ballast)).code).toBe(0);
    expect(ballast.stderr.filter((line) => limit.test(line))).toHaveLength(1);
  });

  test('a policy that would run forever is stopped at its limit', async () => {
    await file(
      'endless.policy',
      '(def f (n) { (f (- n 1)) (f (- n 1)) })\n(def g (n) (if (> n 0) { (g (- n 1)) (g (- n 1)) } 0))\n(g 900)\n',
    );
    const ballast = startBallast(['run', '--config', await config(['policy: endless.policy'])]);
    await ballast.waitForLine(/ERROR - \S*endless\.policy:\d+:\d+: more than .* steps/);
    expect((await stopCleanly(ballast)).code).toBe(0);
  });
});
