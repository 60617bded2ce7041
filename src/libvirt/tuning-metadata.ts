import { DISK_LIMITS, MAX_DISKS, type DiskLimit, type DiskLimits, type DiskTuning } from '../model/disk-tuning.ts';
import { quotedForeign } from '../model/text.ts';
import { attributesOf, XmlScanner } from '../support/xml-scanner.ts';

/** The namespace of the element in which oVirt stores the limits of a guest. */
export const TUNING_NAMESPACE = 'http://ovirt.org/vm/tune/1.0';

export interface TuningMetadata {
  /** Percent of the CPUs of the host; null: the element does not say. */
  readonly userLimit: number | null;
  /** Without their present limits. */
  readonly disks: readonly Omit<DiskTuning, 'current'>[];
}

/** oVirt's element is a few hundred bytes for each disk. */
const MAX_LENGTH = 262_144;

interface OpenDisk {
  readonly name: string;
  readonly path: string | null;
  readonly guaranteed: Partial<Record<DiskLimit, number>>;
  readonly maximum: Partial<Record<DiskLimit, number>>;
}

/**
 * Reads oVirt's tuning element, whatever its prefix:
 * `<qos><vcpuLimit>50</vcpuLimit><ioTune><device name="vda"><maximum><total_iops_sec>100</total_iops_sec>…`
 * @throws Error that says what is wrong
 */
export function readTuningMetadata(xml: string): TuningMetadata {
  if (xml.length > MAX_LENGTH) throw new Error(`the tuning metadata is longer than ${MAX_LENGTH} characters`);
  const scanner = new XmlScanner(xml);
  const disks: OpenDisk[] = [];
  const open: { readonly name: string; text: string }[] = [];
  let userLimit: number | null = null;
  for (let token = scanner.next(); token !== null; token = scanner.next()) {
    if (token.kind === 'text') {
      const inner = open.at(-1);
      if (inner !== undefined && inner.text.length < 64) inner.text += token.text;
      continue;
    }
    if (token.kind === 'start') {
      const name = token.name.slice(token.name.lastIndexOf(':') + 1);
      open.push({ name, text: '' });
      if (name === 'device' && open.at(-2)?.name === 'ioTune')
        disks.push(diskOf(attributesOf(token.tag), disks.length));
      continue;
    }
    const { name, text } = open.pop()!;
    if (name === 'vcpuLimit') userLimit ??= numberIn(text, name, 100);
    const part = open.at(-1)?.name;
    if ((part === 'guaranteed' || part === 'maximum') && open.at(-2)?.name === 'device') {
      const limits = disks.at(-1)?.[part];
      if (limits !== undefined && isLimit(name)) limits[name] = numberIn(text, name, Number.MAX_SAFE_INTEGER);
    }
  }
  return { userLimit, disks };
}

function diskOf(attributes: ReadonlyMap<string, string>, before: number): OpenDisk {
  if (before >= MAX_DISKS) throw new Error(`the tuning metadata names more than ${MAX_DISKS} disks`);
  const path = attributes.get('path') || null;
  const name = attributes.get('name') || path;
  if (name === null) throw new Error('a <device> of the tuning metadata has neither name nor path');
  return { name, path, guaranteed: {}, maximum: {} };
}

function isLimit(name: string): name is DiskLimit {
  return (DISK_LIMITS as readonly string[]).includes(name);
}

function numberIn(text: string, name: string, most: number): number {
  const trimmed = text.trim();
  const value = /^[0-9]{1,16}(?:\.[0-9]{1,6})?$/.test(trimmed) ? Number(trimmed) : NaN;
  if (!(value <= most))
    throw new Error(`the tuning metadata says <${name}>${quotedForeign(trimmed)}, which is no number up to ${most}`);
  return value;
}

/** The limits among libvirt's block I/O parameters. */
export function limitsAmong(parameters: object): DiskLimits {
  const given = parameters as Readonly<Record<string, unknown>>;
  const known = DISK_LIMITS.flatMap((name) =>
    given[name] === undefined ? [] : [[name, Number(given[name])] as const],
  );
  return Object.fromEntries(known);
}
