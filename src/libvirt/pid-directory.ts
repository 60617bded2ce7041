/** The pid files of the system daemon: `NAME.pid` of each running QEMU. */
const SYSTEM_PID_DIRECTORY = '/run/libvirt/qemu';

/**
 * The directory of libvirt's pid files for this URI; null when it is unknown.
 * @param runtimeDirectory the user's `XDG_RUNTIME_DIR`, which a session daemon uses
 */
export function pidDirectoryFor(uri: string, runtimeDirectory: string | undefined): string | null {
  if (!/^[^?]*\/session(?:\?|$)/.test(uri)) return SYSTEM_PID_DIRECTORY;
  return runtimeDirectory ? `${runtimeDirectory}/libvirt/qemu/run` : null;
}
