import { XMLParser } from 'fast-xml-parser';
import type { GuestMetadata } from './port.ts';

/** The namespace of Ballast's own element in a domain's metadata. */
export const METADATA_NAMESPACE = 'https://ballast.example/libvirt/1';

/** What Ballast takes from a domain's XML. */
export interface DomainFacts {
  /** `<memtune><min_guarantee>`, KiB; null when there is none. */
  readonly minGuaranteeKib: number | null;
  readonly metadata: GuestMetadata | null;
  /** The period of the balloon's statistics, seconds: 0 when the guest reports nothing; null when it has no balloon. */
  readonly statsPeriodS: number | null;
}

type Node = Readonly<Record<string, unknown>>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  // The text is libvirt's, but its metadata is whatever users put there: no entities of their own.
  processEntities: false,
});

/** @throws Error that names what cannot be understood */
export function readDomainXml(xml: string): DomainFacts {
  const domain = child(parser.parse(xml) as Node, 'domain');
  const guarantee = child(child(domain, 'memtune'), 'min_guarantee', true);
  const balloon = child(child(domain, 'devices'), 'memballoon');
  return {
    minGuaranteeKib: guarantee === null ? null : sized(text(guarantee), attribute(guarantee, 'unit') ?? 'KiB', '<min_guarantee>'),
    metadata: ownMetadata(child(domain, 'metadata')),
    statsPeriodS: balloon === null || attribute(balloon, 'model') === 'none' ? null : Number(attribute(child(balloon, 'stats'), 'period') ?? 0),
  };
}

function ownMetadata(holder: Node | null): GuestMetadata | null {
  for (const [tag, value] of Object.entries(holder ?? {})) {
    const element = asNode(value);
    if (element === null || !/(^|:)guest$/.test(tag)) continue;
    const prefix = tag.includes(':') ? tag.slice(0, tag.indexOf(':')) : null;
    const namespace = attribute(element, prefix === null ? 'xmlns' : `xmlns:${prefix}`);
    if (namespace !== METADATA_NAMESPACE) continue;
    const min = attribute(element, 'min');
    if (min === null) return { balloonMinKib: null };
    const [, amount, unit] = /^\s*(\d+)\s*([A-Za-z]*)\s*$/.exec(min) ?? [];
    if (amount === undefined || unit === '') throw new Error(`the metadata says min="${min}", which is not a size such as 512MiB`);
    return { balloonMinKib: sized(amount, unit!, `the metadata's min="${min}"`) };
  }
  return null;
}

/** libvirt's scaled integers: k is 1024 unless the unit says kB, MB … */
const UNIT_BYTES: Readonly<Record<string, number>> = {
  b: 1, bytes: 1, kb: 1000, k: 1024, kib: 1024, mb: 1000 ** 2, m: 1024 ** 2, mib: 1024 ** 2,
  gb: 1000 ** 3, g: 1024 ** 3, gib: 1024 ** 3, tb: 1000 ** 4, t: 1024 ** 4, tib: 1024 ** 4,
};

function sized(amount: string | null, unit: string, where: string): number {
  const bytes = UNIT_BYTES[unit.toLowerCase()];
  const kib = Math.floor((Number(amount?.trim() || NaN) * (bytes ?? NaN)) / 1024);
  if (!Number.isSafeInteger(kib) || kib < 0) throw new Error(`${where} is "${amount ?? ''}" ${unit}, which is not a size`);
  return kib;
}

function child(node: Node | null, name: string, textToo = false): Node | null {
  const value = node?.[name];
  const first = Array.isArray(value) ? (value as unknown[])[0] : value;
  return typeof first === 'string' && (textToo || first === '') ? { '#text': first } : asNode(first);
}

function asNode(value: unknown): Node | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Node) : null;
}

function attribute(node: Node | null, name: string): string | null {
  const value = node?.[`@${name}`];
  return typeof value === 'string' ? value : null;
}

function text(node: Node): string | null {
  const value = node['#text'];
  return typeof value === 'string' ? value : null;
}
