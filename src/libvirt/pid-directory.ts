/** Where the system's libvirt keeps `NAME.pid` of each QEMU that runs. */
const SYSTEM_PID_DIRECTORY = '/run/libvirt/qemu';

/**
 * Where libvirt keeps the pid files for this URI; null when it cannot be told.
 * @param runtimeDirectory the user's `XDG_RUNTIME_DIR`, which a session daemon uses
 */
export function pidDirectoryFor(uri: string, runtimeDirectory: string | undefined): string | null {
  if (!/^[^?]*\/session(?:\?|$)/.test(uri)) return SYSTEM_PID_DIRECTORY;
  return runtimeDirectory ? `${runtimeDirectory}/libvirt/qemu/run` : null;
}
