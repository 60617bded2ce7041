import { basename } from 'node:path';
import { linesOf, MigrationError, yamlText, type Migration, type Moved } from './migration.ts';

type Verdict = Pick<Moved, 'kind' | 'what'>;

/** A file of Proxmox, by its path. */
export interface ProxmoxFile {
  readonly path: string;
  readonly text: string;
}

export interface ProxmoxFiles {
  /** `/etc/pve/local/config`; null: there is none. */
  readonly node: ProxmoxFile | null;
  /** `/etc/pve/local/qemu-server/*.conf`. */
  readonly guests: readonly ProxmoxFile[];
}

/** Bounds and defaults of Proxmox, which are those of the parameters of proxmox.policy. */
const DEFAULT_TARGET = 80;
const DEFAULT_SHARES = 1000;
const MAX_SHARES = 50_000;

/** The settings of a guest that are about its memory; the others are not looked at. */
const MEMORY_KEYS: ReadonlySet<string> = new Set(['memory', 'balloon', 'shares', 'name', 'hugepages', 'allow-ksm']);

interface GuestSettings {
  readonly name: string;
  readonly minMib: number | null;
  readonly isOff: boolean;
  /** Null: the default. */
  readonly shares: number | null;
}

/** Ballooning of Proxmox VE: its target for the host, and the minimum and the shares of each guest. @throws MigrationError */
export function migrateProxmox({ node, guests }: ProxmoxFiles): Migration {
  const moved: Moved[] = [];
  const target = node === null ? null : targetIn(node, moved);
  const settings = guests.map((guest) => guestIn(guest, moved));
  const minima = settings.filter(({ minMib }) => minMib !== null);
  const off = settings.filter(({ isOff }) => isOff);
  // Proxmox lets guests have the same name, a YAML group does not.
  const shares = new Map(settings.flatMap(({ name, shares }) => (shares === null ? [] : [[name, shares]])));
  const byGuest = [...shares].map(([name, value]) => `${yamlText(name)}: ${value}`).join(', ');
  return {
    config: [
      '# Proxmox runs its guests without libvirt: this is for the same guests under libvirt, by their names.',
      'collect_interval: 5s',
      'policy_interval: 10s',
      '# KSM is left to ksmtuned, as on Proxmox; ballast migrate reads its configuration, too.',
      'controllers: [balloon]',
      ...(minima.length + off.length === 0 ? [] : ['guests:']),
      ...(minima.length === 0 ? [] : ['  balloon_min:']),
      ...minima.map(({ name, minMib }) => `    - {match: ${yamlText(name)}, min: ${minMib}MiB}`),
      ...(off.length === 0 ? [] : [`  ballooning_off: [${off.map(({ name }) => yamlText(name)).join(', ')}]`]),
    ],
    parameters: new Map([
      ['target', `${target ?? DEFAULT_TARGET}%`],
      ...(shares.size === 0 ? [] : [['shares', `{value: ${DEFAULT_SHARES}, guests: {${byGuest}}}`] as const]),
    ]),
    policies: [{ shipped: 'proxmox' }],
    moved,
  };
}

function targetIn({ path, text }: ProxmoxFile, moved: Moved[]): number | null {
  let target: number | null = null;
  for (const { line, key, value } of settingsIn(path, text)) {
    if (key !== 'ballooning-target') continue;
    const percent = /^\d{1,3}$/.test(value) ? Number(value) : NaN;
    const isValid = percent <= 100;
    if (isValid) target = percent;
    moved.push({
      ...{ file: path, line, setting: `${key}: ${value}` },
      ...(isValid
        ? { kind: 'moved', what: `policy.parameters.target: ${percent}%` }
        : { kind: 'lost', what: `not 0 to 100: the default ${DEFAULT_TARGET} is used` }),
    });
  }
  return target;
}

function guestIn({ path, text }: ProxmoxFile, moved: Moved[]): GuestSettings {
  const settings = settingsIn(path, text).filter(({ key }) => MEMORY_KEYS.has(key));
  const id = basename(path, '.conf');
  const given = settings.find(({ key }) => key === 'name')?.value ?? '';
  // Patterns have * and ?, which no name of a guest in Proxmox has.
  const name = /^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/.test(given) ? given : id;
  const found: Found = { name, minMib: null, isOff: false, shares: null };
  for (const { line, key, value } of settings) {
    const verdict = guestVerdict(key, value, found);
    if (verdict !== null) moved.push({ file: path, line, setting: `${key}: ${value}`, ...verdict });
  }
  return found;
}

type Found = { -readonly [Key in keyof GuestSettings]: GuestSettings[Key] };

function guestVerdict(key: string, value: string, found: Found): Verdict | null {
  switch (key) {
    case 'balloon': {
      const mib = /^\d{1,8}$/.test(value) ? Number(value) : NaN;
      if (mib === 0) {
        found.isOff = true;
        return { kind: 'moved', what: `guests.ballooning_off: ${found.name}` };
      }
      if (!(mib <= 64 * 1024 ** 2)) return { kind: 'lost', what: 'not a whole number of MiB' };
      found.minMib = mib;
      return { kind: 'moved', what: `guests.balloon_min of ${found.name}: ${mib}MiB` };
    }
    case 'memory':
      return { kind: 'needless', what: "the guest's maximum is in its domain XML" };
    case 'shares': {
      const shares = /^\d{1,5}$/.test(value) ? Number(value) : NaN;
      if (!(shares <= MAX_SHARES))
        return { kind: 'lost', what: `not 0 to ${MAX_SHARES}: the default ${DEFAULT_SHARES} is used` };
      found.shares = shares;
      return { kind: 'moved', what: `policy.parameters.shares of ${found.name}: ${shares}` };
    }
    case 'hugepages':
      return { kind: 'needless', what: 'a guest on huge pages is not shrunk' };
    case 'allow-ksm':
      return value === '0'
        ? { kind: 'lost', what: 'write <nosharepages/> into <memoryBacking> of its domain XML' }
        : { kind: 'needless', what: 'the default' };
    default:
      return null;
  }
}

interface Setting {
  readonly line: number;
  readonly key: string;
  readonly value: string;
}

/** `key: value` up to the first snapshot (`[NAME]`). @throws MigrationError */
function settingsIn(path: string, text: string): readonly Setting[] {
  const settings: Setting[] = [];
  for (const [at, line] of linesOf(path, text).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    if (line.startsWith('[')) break;
    const [, key, rest] = /^([A-Za-z][A-Za-z0-9_-]*):(.*)$/.exec(line) ?? [];
    const value = rest?.trim();
    if (key === undefined || value === undefined) throw new MigrationError(`${path}:${at + 1}: expected KEY: VALUE`);
    settings.push({ line: at + 1, key, value });
  }
  return settings;
}
