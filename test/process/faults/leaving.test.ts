import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { startBallast } from '../../support/ballast.ts';
import type { RunningProcess } from '../../support/process.ts';
import { at, config, file, FIRST_LOOK, messages } from './support.ts';

describe('a daemon that is told to stop', () => {
  const HANGING_COLLECTOR = `export default {
    name: 'hanging', scope: 'host', fields: [{ name: 'never', type: 'number', unit: 'none', optional: true, doc: 'never', source: 'none' }],
    create: () => ({ collect: () => new Promise(() => {}) }),
  };`;
  const HANGING_CONTROLLER = `export default {
    name: 'hanging', controls: [{ name: 'hang', scope: 'host', type: 'number', unit: 'none', doc: 'hang', source: 'none' }],
    plan: ([{ name, value }]) => ({ held: [], actions: [
      { controller: 'hanging', control: name, guest: null, from: 0, to: value, message: 'hang', reason: null, position: null, notes: [] },
    ] }),
    describe: () => 'hang',
    create: () => ({ observe: () => {}, restore: () => [], apply: () => new Promise(() => setInterval(() => console.log('hanging'), 100)) }),
  };`;

  const hanging = async (plugin: string, lines: readonly string[]): Promise<RunningProcess> => {
    await file('hanging.mjs', plugin);
    const ballast = startBallast(['run', '--config', await config(['plugins: hanging.mjs', ...lines])]);
    await ballast.waitForLine(/INFO - Running$/);
    return ballast;
  };

  test('exits with code 0, within the limit of 4.8 s, while a collector hangs', async () => {
    const ballast = await hanging(HANGING_COLLECTOR, [`policy: ${FIRST_LOOK}`, 'collect_timeout: 1min']);
    expect((await ballast.stop('SIGTERM')).code).toBe(0);
    expect(messages(ballast.stderr).at(-1)).toMatch(/^INFO - Done after/);
  });

  test('exits at once on a second signal', async () => {
    const ballast = await hanging(HANGING_COLLECTOR, [`policy: ${FIRST_LOOK}`, 'collect_timeout: 1min']);
    ballast.kill('SIGTERM');
    await ballast.waitForLine(/INFO - Stopping after this interval$/);
    expect((await ballast.stop('SIGTERM')).code).toBe(143);
  });

  test('exits within 5 s with a message while a write hangs that cannot be cancelled', async () => {
    await file('hang.policy', '(Host.Control "hang" 1)\n');
    const ballast = await hanging(HANGING_CONTROLLER, ['policy: hang.policy']);
    await ballast.waitForLine(/^hanging$/);
    const exit = await ballast.stop('SIGTERM');
    expect(exit.code).toBe(1);
    expect(ballast.stderr.at(-1)).toBe('ballast: shutdown did not finish within 4.8 s; exiting anyway');
  });

  test('kills itself while the file system blocks a thread, which also blocks the exit of Node', async () => {
    execFileSync('mkfifo', [at('nobody-writes')]);
    const reading = HANGING_COLLECTOR.replace(
      'new Promise(() => {})',
      `{ console.log('reading'); return readFile(${JSON.stringify(at('nobody-writes'))}); }`,
    );
    const ballast = await hanging(`import { readFile } from 'node:fs/promises';\n${reading}`, [
      `policy: ${FIRST_LOOK}`,
    ]);
    await ballast.waitForLine(/^reading$/);
    const exit = await ballast.stop('SIGTERM');
    expect(exit.signal).toBe('SIGKILL');
    expect(ballast.stderr.at(-1)).toBe('ballast: shutdown did not finish within 4.8 s; exiting anyway');
  });
});
