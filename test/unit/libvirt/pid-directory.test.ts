import { expect, test } from 'vitest';
import { pidDirectoryFor } from '../../../src/libvirt/pid-directory.ts';

test.each<[string, string | undefined, string | null]>([
  ['qemu:///system', undefined, '/run/libvirt/qemu'],
  ['qemu:///system?socket=/tmp/session', '/run/user/7', '/run/libvirt/qemu'],
  ['qemu:///session', '/run/user/7', '/run/user/7/libvirt/qemu/run'],
  ['qemu:///session', undefined, null],
])('%s with XDG_RUNTIME_DIR %s', (uri, runtimeDirectory, directory) => {
  expect(pidDirectoryFor(uri, runtimeDirectory)).toBe(directory);
});
