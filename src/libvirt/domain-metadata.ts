import { LABEL, labelText } from '../model/labels.ts';
import { quotedForeign } from '../model/text.ts';
import type { GuestLimits } from '../ports/guest-domain.ts';
import type { GuestMetadata } from '../ports/hypervisor.ts';
import { kibOf, kibOfText } from './libvirt-size.ts';
import type { XmlElement } from './xml-element.ts';

/** The namespace of Ballast's element in a domain's metadata. */
export const METADATA_NAMESPACE = 'https://ballast.example/libvirt/1';

/** The namespace of oVirt's element, whose guaranteed memory and switch VDSM honours, too. */
export const OVIRT_NAMESPACE = 'http://ovirt.org/vm/1.0';

export interface MetadataFacts {
  readonly metadata: GuestMetadata | null;
  /** oVirt's metadata element; null when absent. */
  readonly ovirt: GuestLimits | null;
  /** Values that are invalid, in words: the balloon of the guest is then left alone. */
  readonly wrong: readonly string[];
  /** Invalid labels, which are ignored. */
  readonly wrongLabels: readonly string[];
}

/** Labels are kept in memory and recorded in every interval. */
export const MAX_LABELS = 64;

/** Invalid labels that are kept for the message. */
const MAX_WRONG_LABELS = 100;

/** Reads the elements of Ballast and oVirt in `<metadata>`, element by element. */
export class MetadataReader {
  /** Namespaces by prefix that `<domain>` and `<metadata>` declare. */
  readonly #outer = new Map<string, string>();
  #inside: 'ballast' | 'ovirt' | null = null;
  #ballast: { min: string | null; ballooning: string | null } | null = null;
  #ovirt: { min: string | null; ballooning: string | null } | null = null;
  readonly #labels = new Set<string>();
  readonly #wrongLabels: string[] = [];

  /** Whether the children of this element are read. */
  isOfInterest(parentPath: string): boolean {
    return parentPath.split('/').length < 2 || this.#inside !== null;
  }

  /** @param depth 1: the root */
  start({ path, attributes }: XmlElement, depth: number): void {
    if (depth <= 2) for (const [prefix, uri] of namespacesIn(attributes)) this.#outer.set(prefix, uri);
    if (depth !== 3 || !path.startsWith('metadata/')) return;
    const [prefix, name] = splitName(path.slice('metadata/'.length));
    // Looked up, not merged: both the outer namespaces and the elements can be hundreds of thousands.
    const uri = attributes.get(prefix === '' ? 'xmlns' : `xmlns:${prefix}`) ?? this.#outer.get(prefix);
    if (uri === METADATA_NAMESPACE && name === 'guest' && this.#ballast === null) {
      this.#inside = 'ballast';
      this.#ballast = { min: attributes.get('min') ?? null, ballooning: attributes.get('ballooning') ?? null };
    } else if (uri === OVIRT_NAMESPACE && name === 'vm' && this.#ovirt === null) {
      this.#inside = 'ovirt';
      this.#ovirt = { min: null, ballooning: null };
    }
  }

  end({ path, text }: XmlElement): void {
    const [top, , below, deeper] = path.split('/');
    if (top !== 'metadata' || this.#inside === null || deeper !== undefined) return;
    if (below === undefined) {
      this.#inside = null;
      return;
    }
    // The namespace of these is ignored: people write them by hand.
    const [, name] = splitName(below);
    if (this.#inside === 'ballast' && name === 'label') this.#addLabel(text.trim());
    if (this.#inside === 'ovirt' && name === 'minGuaranteedMemoryMb') this.#ovirt!.min = text.trim();
    if (this.#inside === 'ovirt' && name === 'ballooningEnabled') this.#ovirt!.ballooning = text.trim();
  }

  facts(): MetadataFacts {
    const wrong: string[] = [];
    const given = <T>(text: string | null, read: (text: string) => T | null, complaint: string): T | null => {
      const value = text === null ? null : read(text);
      if (text !== null && value === null) wrong.push(complaint.replace('%', () => quotedForeign(text)));
      return value;
    };
    const ballast = this.#ballast && {
      balloonMinKib: given(this.#ballast.min, kibOfText, 'the metadata says min=%, which is not a size such as 512MiB'),
      ballooning: given(
        this.#ballast.ballooning,
        switchIn,
        'the metadata says ballooning=%, which is neither on nor off',
      ),
      labels: labelText(this.#labels),
    };
    const ovirt = this.#ovirt && {
      balloonMinKib: given(
        this.#ovirt.min,
        (text) => kibOf(text, 'MiB'),
        "oVirt's minGuaranteedMemoryMb is %, which is no number of MiB",
      ),
      ballooning: given(
        this.#ovirt.ballooning,
        switchIn,
        "oVirt's ballooningEnabled is %, which is neither true nor false",
      ),
    };
    return { metadata: ballast, ovirt, wrong, wrongLabels: this.#wrongLabels };
  }

  #addLabel(label: string): void {
    if (this.#labels.has(label)) return;
    if (LABEL.test(label) && this.#labels.size < MAX_LABELS) this.#labels.add(label);
    else if (this.#wrongLabels.length < MAX_WRONG_LABELS) this.#wrongLabels.push(label);
  }
}

const SWITCH: ReadonlyMap<string, boolean> = new Map([
  ['on', true],
  ['true', true],
  ['yes', true],
  ['1', true],
  ['off', false],
  ['false', false],
  ['no', false],
  ['0', false],
]);

function switchIn(text: string): boolean | null {
  return SWITCH.get(text.toLowerCase()) ?? null;
}

function splitName(name: string): readonly [prefix: string, local: string] {
  const colon = name.indexOf(':');
  return [colon < 0 ? '' : name.slice(0, colon), name.slice(colon + 1)];
}

function namespacesIn(attributes: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...attributes].flatMap(([name, value]) => {
    if (name === 'xmlns') return [['', value] as const];
    return name.startsWith('xmlns:') ? [[name.slice('xmlns:'.length), value] as const] : [];
  });
}
