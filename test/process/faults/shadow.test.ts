import { describe, expect, onTestFinished, test } from 'vitest';
import { ControlClient } from '../../../src/control/client.ts';
import { runBallast, startBallast } from '../../support/ballast.ts';
import { startFakeLibvirtd } from '../../support/fake-libvirtd.ts';
import { at, config, fails, file, stopCleanly } from './support.ts';

const KEEP = '(debug "kept")\n';
const HALVE = '(with Guests g (g.Control "balloon_target" (* 0.5 g.balloon_max)))\n';
const WRONG = '(with Guests g (g.Control "balloon_targt" 1))\n';

const withControl = (lines: readonly string[]): Promise<string> => config([`runtime_dir: ${at('run')}`, ...lines]);
const client = (): ControlClient => new ControlClient({ socket: at('run/status.sock'), name: 'test' });

async function guests(): Promise<Awaited<ReturnType<typeof startFakeLibvirtd>>> {
  const fake = await startFakeLibvirtd({ socketPath: at('libvirt.sock'), guests: [{ name: 'a' }, { name: 'b' }] });
  onTestFinished(() => fake.stop());
  return fake;
}

describe('a shadow', () => {
  test('decides beside the policy, and no balloon moves; status, the log and ballast shadow show it', async () => {
    const fake = await guests();
    await file('keep.policy', KEEP);
    await file('halve.policy', HALVE);
    const path = await withControl(['policy: keep.policy', 'shadow: halve.policy']);
    const ballast = startBallast(['run', '--config', path]);
    await ballast.waitForLine(/INFO - A shadow is evaluated beside the policy, .* is written: \S*halve\.policy$/);
    await ballast.waitForLine(
      /INFO - First difference: balloon_target of guest:a: the policy keeps 1048576, the shadow sets \d+$/,
    );
    await expect.poll(async () => (await client().call('status')).shadow?.evaluations, { timeout: 60_000 }).toBeGreaterThan(3); // prettier-ignore
    const status = await client().call('status');
    expect(status.shadow).toMatchObject({ defect: null, errors: 0, policies: [at('halve.policy')], parameters: [] });
    expect(status.shadow!.controls).toEqual([
      expect.objectContaining({ control: 'balloon_target', more: 0, less: 0, only_policy: 0 }),
    ]);
    expect(status.shadow!.guests.map(({ guest }) => guest.name).toSorted()).toEqual(['a', 'b']);
    expect(status.shadow!.guests[0]!.largest).toMatchObject({ kept_by: 'policy', policy_kib: 1_048_576 });
    const shown = await runBallast(['shadow', '--config', path]);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toMatch(
      /^control +same +more +less +other +only the shadow +only the policy\nballoon_target /m,
    );
    const why = await runBallast(['why', 'a', '--config', path]);
    expect(why.stdout).toMatch(/^ {2}the shadow decided otherwise \d+ times, most at 20.*Z: balloon_target .* MiB instead of 1 GiB$/m); // prettier-ignore
    const text = await runBallast(['status', '--config', path]);
    expect(text.stdout).toMatch(/^shadow {4}\S*halve\.policy: differs in \d+ of \d+ evaluations/m);
    expect((await stopCleanly(ballast)).code).toBe(0);
    expect(fake.all().map(({ currentKib }) => currentKib)).toEqual([1_048_576, 1_048_576]);
    expect(ballast.stderr.some((line) => /INFO - The shadow differed in \d+ of \d+ evaluations/.test(line))).toBe(true);
  });

  test('with a mistake keeps the daemon from starting, and check finds it', async () => {
    await file('keep.policy', KEEP);
    await file('wrong.policy', WRONG);
    const path = await withControl(['policy: keep.policy', 'shadow: wrong.policy']);
    const errors = await fails(['run', '--config', path, '--once'], 2);
    expect(errors[0]).toMatch(/wrong\.policy:1:27: error: unknown control "balloon_targt"; did you mean/);
    const checked = await runBallast(['check', '--config', path]);
    expect(checked.code).toBe(1);
    expect(checked.stdout).toContain(errors[0]);
    expect(checked.stdout).toMatch(/ballast\.yaml and 1 policy, and a shadow of 1 policy: 1 error$/m);
    await withControl(['policy: keep.policy', 'shadow: gone.policy']);
    expect(await fails(['run', '--config', path, '--once'], 2)).toEqual([
      expect.stringMatching(/ballast\.yaml:\d+:\d+: shadow\.files: the policy \S*gone\.policy cannot be read: there is no such file$/), // prettier-ignore
    ]);
    await withControl(['policy: keep.policy', 'shadow: {parameters: {x: 1}}']);
    expect(await fails(['run', '--config', path, '--once'], 2)).toEqual([
      expect.stringMatching(/ballast\.yaml:8:23: unknown parameter "x"/),
    ]);
  });

  test('with a mistake is refused by a reload, and the one before goes on; a corrected one is taken', async () => {
    await guests();
    await file('keep.policy', KEEP);
    await file('live.policy', HALVE);
    const ballast = startBallast([
      'run',
      '--config',
      await withControl(['policy: keep.policy', 'shadow: live.policy']),
    ]);
    await ballast.waitForLine(/First difference/);
    await file('live.policy', WRONG);
    ballast.kill('SIGHUP');
    await ballast.waitForLine(/ERROR - Reload failed; the previous config and policies stay in effect:$/);
    await ballast.waitForLine(/ERROR - \S*live\.policy:1:27: error: unknown control/);
    const before = (await client().call('status')).shadow!.evaluations;
    await expect.poll(async () => (await client().call('status')).shadow!.evaluations, { timeout: 60_000 }).toBeGreaterThan(before); // prettier-ignore
    await file('live.policy', '(Host.Control "ksm_run" 1)\n');
    const lines = ballast.lineCount();
    ballast.kill('SIGHUP');
    await ballast.waitForLine(/INFO - The shadow differed in/, 60_000, lines);
    await ballast.waitForLine(/INFO - A shadow is evaluated/, 60_000, lines);
    await withControl(['policy: keep.policy']);
    ballast.kill('SIGHUP');
    await expect.poll(async () => (await client().call('status')).shadow, { timeout: 60_000 }).toBeNull();
    expect(await runBallast(['shadow', '--socket', at('run')])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no shadow: set "shadow: FILE" in the config'),
    });
    expect((await stopCleanly(ballast)).code).toBe(0);
  });

  test('that fails is reported once, and the policy goes on', async () => {
    await guests();
    await file('keep.policy', KEEP);
    await file('fails.policy', '(with Guests g (g.Control "balloon_target" (/ 1 (- g.balloon_cur g.balloon_cur))))\n');
    const path = await withControl(['policy: keep.policy']);
    const ballast = startBallast(['run', '--config', path, '--dry-run', '--shadow', at('fails.policy')]);
    const error = /WARNING - \S*fails\.policy:1:\d+: .*; the shadow decides nothing there for guest:a while/;
    await ballast.waitForLine(error);
    for (const _ of [1, 2, 3]) await ballast.waitForLine(/INFO - kept$/, 60_000, ballast.lineCount());
    expect((await client().call('status')).health).toBe('ok');
    expect((await stopCleanly(ballast)).code).toBe(0);
    expect(ballast.stderr.filter((line) => error.test(line))).toHaveLength(1);
  });

  test('sums up after one interval with --once, and has values of its own', async () => {
    const fake = await guests();
    await file('share.policy', '(param share 100% :max 100%)\n(with Guests g (g.Control "balloon_target" (* share g.balloon_max)))\n'); // prettier-ignore
    const path = await withControl(['policy: share.policy']);
    const exit = await runBallast(['run', '--config', path, '--once', '--shadow-param', 'share=50%']);
    expect(exit.code).toBe(0);
    expect(exit.stderr).toMatch(/is written: \S*share\.policy, share = 50%$/m);
    expect(exit.stderr).toMatch(/The shadow differed in 1 of 1 evaluations in 0 s; balloon_target: 2 only the shadow/);
    expect(fake.all().map(({ currentKib }) => currentKib)).toEqual([1_048_576, 1_048_576]);
  });
});
