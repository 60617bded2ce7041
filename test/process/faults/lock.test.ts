import { readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { startBallast } from '../../support/ballast.ts';
import { at, config, fails, FIRST_LOOK, stopCleanly } from './support.ts';

const RUNNING = /INFO - Running$/;

describe('a second daemon', () => {
  test('refuses to start on the same host, may watch in a dry run, and starts after a SIGKILL of the first', async () => {
    const args = ['run', '--config', await config()];
    const first = startBallast(args);
    await first.waitForLine(RUNNING);
    expect(await fails(args, 2)).toEqual([
      `ballast run (process ${first.pid}) already writes to this host; stop it first, or add --dry-run to watch beside it`,
    ]);
    const watching = startBallast([...args, '--dry-run']);
    await watching.waitForLine(new RegExp(`ballast run \\(process ${first.pid}\\) writes to this host; this one only`));
    await stopCleanly(watching);
    await first.stop('SIGKILL');
    const second = startBallast(args);
    await second.waitForLine(RUNNING);
    expect((await stopCleanly(second)).code).toBe(0);
    expect((await readdir(at('host/run/ballast'))).filter((name) => /lock|claim/.test(name))).toEqual([]);
  });

  test('of several that start at the same moment, exactly one runs', async () => {
    const args = ['run', '--config', await config()];
    const all = [0, 1, 2, 3].map(() => startBallast(args));
    const runs = await Promise.all(
      all.map((one) =>
        one.waitForLine(RUNNING).then(
          () => true,
          () => false,
        ),
      ),
    );
    expect(runs.filter(Boolean)).toHaveLength(1);
    for (const [index, one] of all.entries()) if (runs[index] === true) await stopCleanly(one);
    for (const [index, one] of all.entries()) if (runs[index] === false) expect((await one.exit).code).toBe(2);
  });

  test('does not record to the file of another one, not even in a dry run, and not after a reload', async () => {
    const recording = at('r.jsonl');
    const first = startBallast(['record', recording, '--config', await config()]);
    await first.waitForLine(/INFO - Recording$/);
    const why = `cannot record to ${recording}: ballast record (process ${first.pid}) already records to it; choose another file`;
    const recorded = [
      'run',
      '--dry-run',
      '--config',
      await config([`policy: ${FIRST_LOOK}`, `record: {path: ${recording}}`]),
    ];
    expect(await fails(recorded, 2)).toEqual([why]);
    const second = startBallast(['run', '--config', await config()]);
    await second.waitForLine(RUNNING);
    await config([`policy: ${FIRST_LOOK}`, `record: {path: ${recording}}`]);
    second.kill('SIGHUP');
    await second.waitForLine(new RegExp(`ERROR - ${why.replaceAll(/[()]/g, '\\$&')}$`));
    await stopCleanly(second);
    await stopCleanly(first);
  });
});
