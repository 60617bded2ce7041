import type { Daemon, DaemonParts } from '../../daemon/daemon.ts';
import type { Layout } from '../../model/field.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import type { LogLevel } from '../../observe/log/logger.ts';
import type { LoggerOf } from '../../observe/log/logger.ts';
import type { Diagnostic, PolicySource } from '../../policy/index.ts';
import type { Kept } from '../kept/kept.ts';

/** What the running daemon's process can change beside its intervals. */
export interface Commands {
  /** Reads config and policies again. @throws OperatorError; then nothing was changed */
  reload(): Promise<void>;
  /** Compiles policies as the daemon would. @returns the diagnostics, also as text; null: no error */
  check(files: readonly PolicySource[]): {
    readonly valid: boolean;
    readonly diagnostics: readonly Diagnostic[];
    readonly text: string;
  };
  /** Replaces all policies with the next interval. @throws OperatorError; then nothing was changed */
  setPolicies(files: readonly PolicySource[]): Promise<void>;
  /** The policies in effect, or from the next interval on. */
  readonly policies: readonly PolicySource[];
  /** Whether they were set, not read from files. */
  readonly arePoliciesSet: boolean;
  readonly logLevel: LogLevel;
  setLogLevel(level: LogLevel): void;
  /** null: nothing is recorded. */
  readonly recording: string | null;
  /** @param path null: end it; undefined: the file of the config @throws OperatorError */
  record(path: string | null | undefined): Promise<void>;
}

/** Logs a change with who asked for it. */
export type Note = (client: string, what: string) => void;

/** What the handlers answer from, and what they change. */
export interface ControlParts {
  readonly version: string;
  readonly pid: number;
  readonly configPath: string | null;
  /** `ballast record`: no policy is evaluated. */
  readonly recordsOnly: boolean;
  readonly daemon: Pick<Daemon, 'counts' | 'evaluateNow' | 'release'>;
  readonly running: Pick<
    DaemonParts,
    'environment' | 'configuration' | 'parameters' | 'shadow' | 'observers' | 'stopFile' | 'pauses' | 'reservations'
  >;
  readonly layouts: { readonly host: Layout; readonly guest: Layout };
  readonly vocabulary: Vocabulary;
  /** The size below which no guard lets a guest be ballooned, KiB. */
  readonly floorKib: (maxKib: number, minKib: number) => number;
  readonly kept: Kept;
  readonly commands: Commands;
  readonly log: LoggerOf;
}
