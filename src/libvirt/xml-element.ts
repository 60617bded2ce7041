import { kibOf } from './libvirt-size.ts';

/** An element of a domain's XML, with its own text. */
export interface XmlElement {
  /** Names from below the root to this element: `devices/memballoon/stats`; empty for the root. */
  readonly path: string;
  readonly attributes: ReadonlyMap<string, string>;
  text: string;
}

/** The size in an element's text. @throws Error */
export function sizeIn({ attributes, text }: XmlElement, where: string): number {
  const unit = attributes.get('unit') ?? 'KiB';
  const kib = kibOf(text, unit);
  if (kib === null) throw new Error(`${where} is "${text.slice(0, 40)}" ${unit.slice(0, 40)}, which is not a size`);
  return kib;
}
