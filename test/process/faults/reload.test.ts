import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { startBallast } from '../../support/ballast.ts';
import { at, config, file, FIRST_LOOK, stopCleanly } from './support.ts';

describe('a reload', () => {
  test('keeps the last valid policy and reports why when the new one is invalid, then loads a valid one', async () => {
    await file('live.policy', '(debug "first")\n');
    const ballast = startBallast(['run', '--config', await config(['policy: live.policy'])]);
    await ballast.waitForLine(/INFO - first$/);

    await file('live.policy', '(debug "second"\n');
    let before = ballast.lineCount();
    ballast.kill('SIGHUP');
    await ballast.waitForLine(
      /ERROR - Reload failed; the previous config and policies stay in effect:$/,
      60_000,
      before,
    );
    await ballast.waitForLine(/ERROR - \S*live\.policy:1:1: error: this \( is never closed$/, 60_000, before);
    await ballast.waitForLine(/INFO - first$/, 60_000, ballast.lineCount());

    await file('live.policy', '(debug "third")\n');
    before = ballast.lineCount();
    ballast.kill('SIGHUP');
    await ballast.waitForLine(/INFO - Config and policies reloaded$/, 60_000, before);
    await ballast.waitForLine(/INFO - third$/, 60_000, before);
    before = ballast.lineCount();
    await ballast.waitForLine(/INFO - third$/, 60_000, before);
    expect((await stopCleanly(ballast)).code).toBe(0);
    expect(ballast.stderr.slice(before.stderr).filter((line) => line.endsWith('- first'))).toEqual([]);
  });

  test.each([
    [
      'policy',
      'live.policy',
      /ERROR - \S*ballast\.yaml:\d+:\d+: policy\.files: the policy \S*live\.policy cannot be read: it is a pipe or a device; /,
    ],
    [
      'config',
      'ballast.yaml',
      /ERROR - \S*ballast\.yaml: cannot be read: it is a pipe or a device, which cannot be read again; /,
    ],
  ])('rejects a %s that has become a pipe, and works again afterwards', async (_what, name, message) => {
    await file('live.policy', '(debug "first")\n');
    const ballast = startBallast(['run', '--config', await config(['policy: live.policy'])]);
    await ballast.waitForLine(/INFO - first$/);
    await rm(at(name));
    execFileSync('mkfifo', [at(name)]);
    ballast.kill('SIGHUP');
    await ballast.waitForLine(message);
    await rm(at(name));
    await file('live.policy', '(debug "second")\n');
    await config(['policy: live.policy']);
    ballast.kill('SIGHUP');
    await ballast.waitForLine(/INFO - second$/);
    expect((await stopCleanly(ballast)).code).toBe(0);
  });

  test('keeps the last valid config when the new one is invalid, and lists changes that require a restart', async () => {
    const ballast = startBallast(['run', '--config', await config()]);
    await ballast.waitForLine(/host: free memory/);
    await config([`policy: ${FIRST_LOOK}`, 'colect_timeout: 1s']);
    ballast.kill('SIGHUP');
    await ballast.waitForLine(
      /ERROR - \S*ballast\.yaml:7:1: unknown key "colect_timeout"; did you mean "collect_timeout"\?$/,
    );
    await config([`policy: ${FIRST_LOOK}`, 'history: 3', 'collect_timeout: 1s', 'dry_run: true']);
    ballast.kill('SIGHUP');
    await ballast.waitForLine(/WARNING - Config changes that require a restart: history, collect_timeout, dry_run$/);
    expect((await stopCleanly(ballast)).code).toBe(0);
  });
});
