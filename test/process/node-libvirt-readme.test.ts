import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startFakeLibvirtd } from '../support/fake-libvirtd.ts';

const root = join(import.meta.dirname, '../..');

test('the example in the README of node-libvirt runs and exits', async () => {
  const readme = await readFile(join(root, 'packages/node-libvirt/README.md'), 'utf8');
  const example = /^```ts\n(.*?)^```/ms.exec(readme)?.[1] ?? '';
  const directory = await mkdtemp(join(tmpdir(), 'node-libvirt-readme-'));
  const fake = await startFakeLibvirtd({
    socketPath: join(directory, 'sock'),
    guests: [{ name: 'web' }, { name: 'db' }],
  });
  try {
    const code = example.replace("uri: 'qemu:///system'", `socketPath: ${JSON.stringify(fake.socketPath)}`);
    expect(code).not.toBe(example);
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', code],
      { cwd: root },
    );
    expect(stderr).toBe('');
    expect(stdout).toContain(`web ${fake.guest('web').uuid} 1\n`);
    expect(stdout).toContain('connection ended: CLOSED: the connection to libvirt was closed\n');
    expect(fake.guest('web').currentKib).toBe(524_288);
  } finally {
    await fake.stop();
    await rm(directory, { recursive: true });
  }
});
