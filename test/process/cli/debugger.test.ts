import { expect, it, onTestFinished } from 'vitest';
import { startBallast } from '../../support/ballast.ts';

it('SIGUSR1 does not open a debugger port, which any local user could connect to', async () => {
  const ballast = startBallast(['eval'], { stdin: 'pipe' });
  onTestFinished(() => ballast.kill('SIGKILL'));
  ballast.write('(+ 1 1)\n');
  await ballast.waitForLine(/^2$/);
  ballast.kill('SIGUSR1');
  ballast.write('(+ 2 2)\n');
  await ballast.waitForLine(/^4$/);
  ballast.endInput();
  expect((await ballast.exit).code).toBe(0);
  expect(ballast.stderr).toEqual([]);
});
