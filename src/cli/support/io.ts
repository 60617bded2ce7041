import type { Readable, Writable } from 'node:stream';
import type { ServiceEnvironment } from './service-environment.ts';

/** Standard streams and files of a command; tests pass their own. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  readonly stdout: Writable & {
    readonly isTTY?: boolean;
    /** Of a terminal. */
    readonly columns?: number;
    readonly rows?: number;
  };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  /** Reads a file as UTF-8. Rejects with a Node system error (`code` ENOENT, EISDIR, …). */
  readFile(path: string): Promise<string>;
  /** The user's `XDG_RUNTIME_DIR`. Absent: unset. */
  readonly userRuntime?: string | undefined;
  /** The user's folder for caches: `XDG_CACHE_HOME`, or `~/.cache`. Absent: nothing is cached. */
  readonly userCache?: string | undefined;
  /** What the environment says about the terminal. Absent: nothing. */
  readonly terminal?: {
    /** `TERM`; undefined: unset. */
    readonly name: string | undefined;
    /** Whether `NO_COLOR` is set. */
    readonly noColor: boolean;
  };
  /** Of this process. Absent in tests. */
  readonly pid?: number;
  /** Absent: this process is no service that systemd waits for. */
  readonly service?: ServiceEnvironment | undefined;
}
