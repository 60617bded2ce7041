import { chmod } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { Setup } from '../../support/hypervisor-setup.ts';

// Root can use every socket, so the process changes its user temporarily; a thread cannot.
test('a socket without permission is reported', async () => {
  const setup = await Setup.of();
  onTestFinished(() => setup.close());
  await chmod(setup.fake.socketPath, 0o000);
  const uid = process.geteuid?.() ?? -1;
  if (uid === 0) process.seteuid?.(65_534);
  try {
    expect(await setup.hypervisor.start()).toBe(false);
  } finally {
    if (uid === 0) process.seteuid?.(0);
  }
  expect(setup.events[0]).toMatchObject({
    kind: 'disconnected',
    reason: expect.stringMatching(/EACCES, no permission to use this socket; run as root or as a member of the group/),
  });
});
