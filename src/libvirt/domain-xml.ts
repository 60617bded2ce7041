import { setImmediate as nextTurn } from 'node:timers/promises';
import type { GuestDomain } from '../ports/guest-domain.ts';
import { isAboutMemory, MemoryReader } from './domain-memory.ts';
import { MetadataReader, type MetadataFacts } from './domain-metadata.ts';
import { sizeIn, type XmlElement } from './xml-element.ts';
import { attributesOf, XmlScanner, type XmlToken } from '../support/xml-scanner.ts';

export { METADATA_NAMESPACE } from './domain-metadata.ts';

/** The values that Ballast reads from a domain's XML. */
export interface DomainFacts extends MetadataFacts {
  /** `<memtune><min_guarantee>`, KiB; null when absent. */
  readonly minGuaranteeKib: number | null;
  readonly domain: GuestDomain;
}

/** libvirt itself sends no longer text. */
const MAX_LENGTH = 4_194_304;

/** Tokens that are read in one turn of the event loop: a few milliseconds. */
const TOKENS_PER_TURN = 10_000;

/**
 * Reads a domain's XML.
 * @throws Error that says what cannot be read; invalid metadata does not throw
 */
export function readDomainXml(xml: string): DomainFacts {
  const reading = read(xml);
  for (;;) {
    const { done, value } = reading.next();
    if (done === true) return value;
  }
}

/** {@link readDomainXml}, which handles other events in between: users can make the XML megabytes long. */
export async function readLongDomainXml(xml: string): Promise<DomainFacts> {
  const reading = read(xml);
  for (;;) {
    const { done, value } = reading.next();
    if (done === true) return value;
    await nextTurn();
  }
}

function* read(xml: string): Generator<undefined, DomainFacts> {
  if (xml.length > MAX_LENGTH) throw new Error(`longer than ${MAX_LENGTH} characters`);
  const scanner = new XmlScanner(xml);
  const reader = new DomainReader();
  for (let count = 1; ; count++) {
    const token = scanner.next();
    if (token === null) return reader.facts();
    reader.take(token);
    if (count % TOKENS_PER_TURN === 0) yield undefined;
  }
}

/** Nothing that Ballast reads is nested deeper. */
const MAX_DEPTH_READ = 6;

/** Nothing that Ballast reads has a longer name. Names become parts of paths, which each element below would copy. */
const MAX_NAME_READ = 128;

class DomainReader {
  readonly #memory = new MemoryReader();
  readonly #metadata = new MetadataReader();
  /** The open elements that may be of interest; deeper ones are only counted. */
  readonly #open: XmlElement[] = [];
  #depth = 0;
  #minGuaranteeKib: number | null = null;

  take(token: XmlToken): void {
    if (token.kind === 'text') {
      const inner = this.#open.at(-1);
      if (inner !== undefined && this.#depth === this.#open.length && inner.text.length < 1024)
        inner.text += token.text;
      return;
    }
    if (token.kind === 'end') {
      this.#depth--;
      if (token.depth === this.#open.length) this.#end(this.#open.pop()!);
      return;
    }
    this.#depth++;
    const parent = this.#open.at(-1);
    const isRead =
      this.#depth <= MAX_DEPTH_READ &&
      this.#open.length === this.#depth - 1 &&
      (token.name.length <= MAX_NAME_READ || this.#depth === 1);
    if (!isRead || (parent !== undefined && !this.#isOfInterest(parent.path, token.name))) return;
    if (this.#depth === 1 && token.name !== 'domain') throw new Error(`<${token.name.slice(0, 40)}> is not a <domain>`);
    const path = parent === undefined ? '' : parent.path === '' ? token.name : `${parent.path}/${token.name}`;
    const element = { path, attributes: attributesOf(token.tag), text: '' };
    this.#open.push(element);
    this.#metadata.start(element, this.#depth);
    this.#memory.start(element);
  }

  facts(): DomainFacts {
    return { minGuaranteeKib: this.#minGuaranteeKib, ...this.#metadata.facts(), domain: this.#memory.facts() };
  }

  #isOfInterest(parentPath: string, name: string): boolean {
    const top = parentPath === '' ? name : parentPath.split('/', 1)[0]!;
    return top === 'metadata' ? this.#metadata.isOfInterest(parentPath) : top === 'memtune' || isAboutMemory(top);
  }

  #end(element: XmlElement): void {
    if (element.path === 'memtune/min_guarantee') this.#minGuaranteeKib = sizeIn(element, '<min_guarantee>');
    this.#metadata.end(element);
    this.#memory.end(element);
  }
}
