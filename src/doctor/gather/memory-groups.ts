import type { Host } from '../../ports/host.ts';
import type { MemoryGroup } from '../facts.ts';

/** Levels of control groups that are looked at, from the process upwards. */
const MAX_LEVELS = 16;

/** Where control groups are mounted, with the files that limit their memory: version 2, version 2 beside version 1, and version 1. */
const UNIFIED = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'] as const;
const UNIFIED_FILES = ['memory.max', 'memory.high'] as const;
const LEGACY = ['/sys/fs/cgroup/memory'] as const;
const LEGACY_FILES = ['memory.limit_in_bytes'] as const;

/** Finds the limits of the control groups that processes are in. Each file is read once, however many processes are below it. */
export class MemoryGroups {
  readonly #host: Host;
  readonly #limits = new Map<string, Promise<number | null>>();

  constructor(host: Host) {
    this.#host = host;
  }

  /**
   * The groups with a limit, innermost first.
   * @throws HostFileError
   */
  async of(pid: number): Promise<readonly MemoryGroup[]> {
    const text = (await this.#host.readText(`/proc/${pid}/cgroup`)) ?? '';
    const found = await Promise.all(
      text.split('\n').flatMap((line) => {
        const [, controllers = '', path = ''] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
        // A path outside of the namespace of this process begins with `/..`.
        if (path === '' || path.split('/').includes('..')) return [];
        if (controllers === '') return [this.#limitsOn(path, UNIFIED, UNIFIED_FILES)];
        return controllers.split(',').includes('memory') ? [this.#limitsOn(path, LEGACY, LEGACY_FILES)] : [];
      }),
    );
    return found.flat();
  }

  async #limitsOn(path: string, mounts: readonly string[], files: readonly string[]): Promise<readonly MemoryGroup[]> {
    const found: MemoryGroup[] = [];
    for (const at of pathsUp(path)) {
      for (const mount of mounts) {
        for (const name of files) {
          const file = `${mount}${at}/${name}`;
          const limitKib = await this.#limit(file);
          if (limitKib !== null) found.push({ path: at, file, limitKib });
        }
      }
    }
    return found;
  }

  /** KiB; null: no such file, or no limit. */
  #limit(file: string): Promise<number | null> {
    const before = this.#limits.get(file);
    if (before !== undefined) return before;
    const reading = this.#host.readText(file).then((text) => {
      const bytes = /^\d{1,20}$/.exec(text?.trim() ?? '')?.[0];
      return bytes === undefined ? null : Math.floor(Number(bytes) / 1024);
    });
    this.#limits.set(file, reading);
    return reading;
  }
}

/** `/a/b`, `/a`: the root group has no limit. */
function pathsUp(path: string): readonly string[] {
  const parts = path.split('/').filter(Boolean);
  return Array.from({ length: Math.min(parts.length, MAX_LEVELS) }, (_, up) =>
    ['', ...parts.slice(0, parts.length - up)].join('/'),
  );
}
