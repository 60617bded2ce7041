import { dirname, resolve } from 'node:path';
import type { FileKind } from '../yaml/file-kind.ts';
import { readText } from '../yaml/read-text.ts';
import { readYaml } from '../yaml/read-yaml.ts';
import type { RuntimeChoice } from './directories.ts';

export const CONFIG_FILE: FileKind = { name: 'config file', example: 'history: 10' };

/**
 * What a config says about the runtime directory, read without the schema and the plugins of the rest: a command that only asks a daemon
 * starts in half the time, and finds it also when the config has become invalid since.
 * @returns null: that is not plain to see; reading the whole config says why
 */
export async function readRuntimeChoice(path: string): Promise<RuntimeChoice | null> {
  const source = await readText(path, CONFIG_FILE);
  if ('problem' in source) return null;
  const { yaml, problems } = readYaml(path, source.text, CONFIG_FILE);
  const file = yaml?.value ?? {};
  if (yaml === null || problems.length > 0 || !isGroup(file)) return null;
  const { libvirt = {}, host_root: root = '/', runtime_dir: directory } = file;
  if (!isGroup(libvirt)) return null;
  const { uri = 'qemu:///system' } = libvirt;
  if (typeof uri !== 'string' || !isPath(root) || (directory !== undefined && !isPath(directory))) return null;
  const base = dirname(resolve(path));
  return {
    runtimeDir: directory === undefined ? null : resolve(base, directory),
    hostRoot: resolve(base, root),
    libvirt: { uri },
  };
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && /^[^\0\r\n]+$/.test(value);
}
