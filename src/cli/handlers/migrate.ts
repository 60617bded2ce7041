import { readdirSync } from 'node:fs';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { unreadable } from '../../model/file-errors.ts';
import { escapeControls, escapeJson } from '../../model/text.ts';
import { configText } from '../../migrate/config-text.ts';
import { migrateKsmtuned } from '../../migrate/ksmtuned.ts';
import { MAX_FILE_BYTES, MigrationError, type Migration, type PolicyFrom } from '../../migrate/migration.ts';
import { migrateMom } from '../../migrate/mom.ts';
import { migrateProxmox, type ProxmoxFile } from '../../migrate/proxmox.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { readLimited } from '../../support/read-limited.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { exists } from '../support/shipped-folder.ts';
import { shippedPolicies } from '../support/shipped-policies.ts';
import { count } from './check.ts';

const PROXMOX = '/etc/pve';

/** Largest policy that is copied; larger ones are refused when they are evaluated, too. */
const MAX_POLICY_BYTES = 1024 ** 2;

/** Guests of one host, and policies of one directory. */
const MAX_FILES = 1000;

/**
 * `ballast migrate FROM -o FOLDER`: writes ballast.yaml and its policies, and reports what became of each setting.
 * @throws OperatorError when something cannot be read, or would be overwritten; then nothing has been written
 */
export async function migrateFrom(
  { from, folder, json }: { readonly from: string; readonly folder: string; readonly json: boolean },
  io: Io,
): Promise<number> {
  const migration = await readAny(from === 'proxmox' ? PROXMOX : from);
  const policies = await Promise.all(migration.policies.map((policy) => policyOf(policy, dirname(resolve(from)))));
  const names = policies.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new OperatorError(`two policies are called ${twice}; rename one of them`);
  const files = [...policies, { name: 'ballast.yaml', text: configText(from, migration, names.map(listed)) }];
  await write(folder, files);
  const { moved } = migration;
  const lost = moved.filter(({ kind }) => kind === 'lost').length;
  if (json)
    io.stdout.write(
      `${escapeJson(JSON.stringify({ files: files.map(({ name }) => join(folder, name)), settings: moved }, null, 2))}\n`,
    );
  else {
    const MARK = { moved: '→', needless: 'not needed:', lost: 'NO EQUIVALENT:' } as const;
    for (const { file, line, setting, kind, what } of moved)
      io.stdout.write(`${escapeControls(`${file}:${line}: ${setting}  ${MARK[kind]} ${what}`)}\n`);
    const without = lost === 0 ? 'all have an equivalent' : `${lost} without an equivalent`;
    io.stdout.write(
      escapeControls(
        `${count(moved.length, 'setting')}, ${without}. Wrote ${files.map(({ name }) => join(folder, name)).join(', ')}`,
      ) + `\nNext: ballast check --config ${escapeControls(join(folder, 'ballast.yaml'))}\n`,
    );
  }
  return lost === 0 ? EXIT.ok : EXIT.problems;
}

/** Names of policies that YAML could take for something else are quoted. */
const listed = (name: string): string =>
  /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) ? name : `'${name.replaceAll("'", "''")}'`;

async function readAny(from: string): Promise<Migration> {
  const found = await stat(from).catch((error: unknown) => refuse(from, error));
  try {
    if (found.isDirectory()) return migrateProxmox(await proxmoxFiles(from));
    const text = await readFileOf(from, MAX_FILE_BYTES);
    if (/^[ \t]{0,80}\[[ \t]{0,80}(?:main|logging|host|guest|vdsm)[ \t]{0,80}\]/m.test(text))
      return migrateMom(from, text, (directory) => policiesIn(resolve(dirname(from), directory)));
    if (/^[ \t]{0,80}(?:export[ \t]{1,80})?(?:KSM_[A-Z_]{1,80}|DEBUG|LOGFILE)=/m.test(text))
      return migrateKsmtuned(from, text);
    // A ksmtuned.conf as installed sets nothing: all of it is a comment.
    if (/^[ \t]{0,80}#[ \t]{0,80}KSM_[A-Z_]{1,80}=/m.test(text)) return migrateKsmtuned(from, text);
  } catch (error) {
    if (error instanceof MigrationError) throw new OperatorError(error.message, { cause: error });
    throw error;
  }
  throw new OperatorError(
    `${from} is neither a momd.conf (it would have a section [main]) nor a ksmtuned.conf (it would set KSM_…=)`,
  );
}

async function proxmoxFiles(directory: string) {
  const local = (await exists(join(directory, 'local'))) ? join(directory, 'local') : directory;
  const node = join(local, 'config');
  const folder = join(local, 'qemu-server');
  if (!(await exists(folder)) && !(await exists(node)))
    throw new OperatorError(`${directory} is no configuration of Proxmox VE: neither ${folder} nor ${node} is there`);
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^\d+\.conf$/.test(name)).sort();
  if (names.length > MAX_FILES) throw new OperatorError(`${folder} has more than ${MAX_FILES} guests`);
  const read = async (path: string): Promise<ProxmoxFile> => ({ path, text: await readFileOf(path, MAX_FILE_BYTES) });
  return {
    node: (await exists(node)) ? await read(node) : null,
    guests: await Promise.all(names.map((name) => read(join(folder, name)))),
  };
}

function policiesIn(directory: string): readonly string[] {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith('.policy'));
    if (names.length > MAX_FILES) throw new OperatorError(`${directory} has more than ${MAX_FILES} policies`);
    return names.sort().map((name) => join(directory, name));
  } catch (error) {
    return refuse(directory, error);
  }
}

async function policyOf(policy: PolicyFrom, base: string): Promise<{ readonly name: string; readonly text: string }> {
  if ('file' in policy) {
    const path = resolve(base, policy.file);
    const name = basename(path);
    return {
      name: /\.(?:policy|rules)$/.test(name) ? name : `${name}.policy`,
      text: await readFileOf(path, MAX_POLICY_BYTES),
    };
  }
  const name = `${policy.shipped}.policy`;
  return { name, text: await readFileOf(join(await shippedPolicies(), name), MAX_POLICY_BYTES) };
}

async function write(
  folder: string,
  files: readonly { readonly name: string; readonly text: string }[],
): Promise<void> {
  for (const { name } of files) {
    const path = join(folder, name);
    if (await exists(path)) throw new OperatorError(`${path} exists, and nothing is overwritten; give another folder`);
  }
  try {
    await mkdir(folder, { recursive: true });
    for (const { name, text } of files) await writeFile(join(folder, name), text, { flag: 'wx', mode: 0o644 });
  } catch (error) {
    const why = unreadable(error);
    if (why === null) throw error;
    throw new OperatorError(`${folder} cannot be written: ${why}`, { cause: error });
  }
}

async function readFileOf(path: string, limit: number): Promise<string> {
  const bytes = await readLimited(path, limit + 1, true).catch((error: unknown) => refuse(path, error));
  if (bytes.length > limit) throw new OperatorError(`${path} is larger than ${limit / 1024} KiB`);
  return bytes.toString('utf8');
}

function refuse(path: string, error: unknown): never {
  const why = error instanceof OperatorError ? null : unreadable(error);
  if (why === null) throw error;
  throw new OperatorError(`${path} cannot be read: ${why}`, { cause: error });
}
