import { dirname, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { unreadable } from '../../model/file-errors.ts';
import { readLimited } from '../../support/read-limited.ts';
import type { Archive } from './archive.ts';
import { redacted } from '../../support/secrets.ts';

/** Files that a config names, absolute. */
export interface ConfiguredFiles {
  readonly recording: string | null;
  readonly log: string | null;
  readonly policies: readonly string[];
  readonly policyDir: string | null;
  readonly parameters: string | null;
  readonly runtimeDir: string | null;
}

export const NO_FILES: ConfiguredFiles = {
  recording: null,
  log: null,
  policies: [],
  policyDir: null,
  parameters: null,
  runtimeDir: null,
};

const MOST_CONFIG = 256 * 1024;

/**
 * Adds a config to a report, without secrets and comments. It need not be valid, and its plugins are not loaded: it may be what is wrong.
 * @returns what it names, as far as that can be told
 */
export async function addConfig(archive: Archive, path: string): Promise<ConfiguredFiles> {
  let value: unknown;
  try {
    const text = (await readLimited(path, MOST_CONFIG + 1, true)).toString('utf8');
    if (text.length > MOST_CONFIG) throw new Error(`it has more than ${MOST_CONFIG / 1024} KiB`);
    value = parse(text, { logLevel: 'error', maxAliasCount: 0 });
  } catch (error) {
    // It could have secrets anywhere.
    archive.miss('config.yaml', `${path}: ${reasonOf(error)}`);
    return NO_FILES;
  }
  archive.add('config.yaml', stringify(redacted(value)), path, 'without comments and secrets');
  return filesIn(value, dirname(resolve(path)));
}

/** Why a file could not be had, on one line. */
export function reasonOf(error: unknown): string {
  const message = unreadable(error) ?? (error instanceof Error ? error.message : String(error));
  return message.split('\n')[0]!.slice(0, 500);
}

function filesIn(value: unknown, base: string): ConfiguredFiles {
  const text = (of: unknown, key: string) => {
    const found = at(of, key);
    return typeof found === 'string' && found !== '' ? resolve(base, found) : null;
  };
  const policy = at(value, 'policy');
  const named = typeof policy === 'string' || Array.isArray(policy) ? policy : at(policy, 'files');
  const list: readonly unknown[] = Array.isArray(named) ? named : [named];
  return {
    recording: text(at(value, 'record'), 'path'),
    log: text(at(value, 'log'), 'file'),
    policies: list.flatMap((file) => (typeof file === 'string' ? [resolve(base, file)] : [])),
    policyDir: text(value, 'policy_dir'),
    parameters: text(policy, 'parameters_file'),
    runtimeDir: text(value, 'runtime_dir'),
  };
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}
