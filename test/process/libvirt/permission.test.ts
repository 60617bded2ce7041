import { chmod } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { Setup } from '../../support/hypervisor-setup.ts';

// Root may use every socket, so the process gives that up for a while; a thread cannot.
test('no libvirtd: a socket without permission', async () => {
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
