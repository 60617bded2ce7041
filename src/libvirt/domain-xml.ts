import { XMLParser } from 'fast-xml-parser';
import { LABEL, labelText } from '../model/labels.ts';
import type { GuestMetadata } from '../ports/hypervisor.ts';

/** The namespace of Ballast's element in a domain's metadata. */
export const METADATA_NAMESPACE = 'https://ballast.example/libvirt/1';

/** The values that Ballast reads from a domain's XML. */
export interface DomainFacts {
  /** `<memtune><min_guarantee>`, KiB; null when absent. */
  readonly minGuaranteeKib: number | null;
  readonly metadata: GuestMetadata | null;
  /** Why the minimum in the metadata is invalid (it is null then); null when it is valid or absent. */
  readonly wrongMin: string | null;
  /** Invalid labels in the metadata, which are ignored. */
  readonly wrongLabels: readonly string[];
  /** Period of the balloon statistics, seconds; 0 when the guest reports none; null when it has no balloon. */
  readonly statsPeriodS: number | null;
}

/** Labels are kept in memory and recorded in every interval. */
export const MAX_LABELS = 64;

type Node = Readonly<Record<string, unknown>>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  // The metadata is written by users: custom entities are not expanded.
  processEntities: false,
});

/** @throws Error that names the invalid element; invalid metadata does not throw */
export function readDomainXml(xml: string): DomainFacts {
  const domain = child(parser.parse(xml) as Node, 'domain');
  const guarantee = child(child(domain, 'memtune'), 'min_guarantee', true);
  const balloon = child(child(domain, 'devices'), 'memballoon');
  return {
    minGuaranteeKib:
      guarantee === null ? null : sized(text(guarantee), attribute(guarantee, 'unit') ?? 'KiB', '<min_guarantee>'),
    ...metadataFacts(ballastElement(child(domain, 'metadata'))),
    statsPeriodS:
      balloon === null || attribute(balloon, 'model') === 'none'
        ? null
        : Number(attribute(child(balloon, 'stats'), 'period') ?? 0),
  };
}

/** Ballast's element in the metadata. */
function ballastElement(holder: Node | null): Node | null {
  for (const [tag, value] of Object.entries(holder ?? {})) {
    const element = asNode(value);
    if (element === null || !/(^|:)guest$/.test(tag)) continue;
    const prefix = tag.includes(':') ? tag.slice(0, tag.indexOf(':')) : null;
    if (attribute(element, prefix === null ? 'xmlns' : `xmlns:${prefix}`) === METADATA_NAMESPACE) return element;
  }
  return null;
}

function metadataFacts(element: Node | null): Pick<DomainFacts, 'metadata' | 'wrongMin' | 'wrongLabels'> {
  if (element === null) return { metadata: null, wrongMin: null, wrongLabels: [] };
  const { kib, wrong } = ownMinimum(attribute(element, 'min'));
  const given = labelsOf(element);
  const labels = [...new Set(given.filter((label) => LABEL.test(label)))].slice(0, MAX_LABELS);
  return {
    metadata: { balloonMinKib: kib, labels: labelText(labels) },
    wrongMin: wrong,
    wrongLabels: given.filter((label) => !labels.includes(label)),
  };
}

function ownMinimum(min: string | null): { readonly kib: number | null; readonly wrong: string | null } {
  if (min === null) return { kib: null, wrong: null };
  const [, amount, unit] = /^\s*(\d+)\s*([A-Za-z]*)\s*$/.exec(min) ?? [];
  const kib = amount === undefined || unit === undefined || unit === '' ? null : kibOf(amount, unit);
  return kib === null
    ? { kib: null, wrong: `the metadata says min=${JSON.stringify(min)}, which is not a size such as 512MiB` }
    : { kib, wrong: null };
}

/** The texts of the `<label>` elements. Their namespace is ignored: people write them by hand. */
function labelsOf(element: Node): readonly string[] {
  return Object.entries(element).flatMap(([tag, value]) => {
    if (!/^(?:[^@:]+:)?label$/.test(tag)) return [];
    const all: readonly unknown[] = Array.isArray(value) ? value : [value];
    return all.map((one) => (typeof one === 'string' ? one : (text(asNode(one) ?? {}) ?? '')));
  });
}

/** Units of libvirt's scaled integers: powers of 1024, except kB, MB … */
const UNIT_BYTES: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  kb: 1000,
  k: 1024,
  kib: 1024,
  mb: 1000 ** 2,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  gb: 1000 ** 3,
  g: 1024 ** 3,
  gib: 1024 ** 3,
  tb: 1000 ** 4,
  t: 1024 ** 4,
  tib: 1024 ** 4,
};

function sized(amount: string | null, unit: string, where: string): number {
  const kib = kibOf(amount, unit);
  if (kib === null) throw new Error(`${where} is "${amount ?? ''}" ${unit}, which is not a size`);
  return kib;
}

function kibOf(amount: string | null, unit: string): number | null {
  const kib = Math.floor((Number(amount?.trim() || NaN) * (UNIT_BYTES[unit.toLowerCase()] ?? NaN)) / 1024);
  return Number.isSafeInteger(kib) && kib >= 0 ? kib : null;
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
