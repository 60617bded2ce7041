/** An element's start, or text inside an element. */
export type XmlToken =
  | { readonly kind: 'start'; readonly name: string; readonly tag: string; readonly depth: number }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'end'; readonly depth: number };

/** Deeper nesting is refused: libvirt's own elements are at most ten deep. */
const MAX_DEPTH = 1000;

/** Values of attributes, and by default texts, that are longer are cut: nothing that Ballast reads of libvirt is longer. */
const MAX_TEXT = 1024;

const NAME = /[^\s/>]+/y;
const ATTRIBUTE = /\s*([^\s=/>"']+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(lt|gt|amp|quot|apos));/g;
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/**
 * Reads XML of libvirt or of a client, one token at a time, in a single pass over the text: time and memory grow with its
 * length only, whatever it contains. Comments and processing instructions are skipped; a document type is refused, so
 * that no entities can be declared.
 */
export class XmlScanner {
  readonly #text: string;
  readonly #longestText: number;
  readonly #open: string[] = [];
  #at = 0;
  #pendingEnd = false;
  #hasRoot = false;

  /** @param longestText a longer text between two tags is cut, characters */
  constructor(text: string, longestText = MAX_TEXT) {
    this.#text = text;
    this.#longestText = longestText;
  }

  /** The next token; null at the end. @throws Error when the text is not well-formed */
  next(): XmlToken | null {
    if (this.#pendingEnd) return this.#close();
    for (;;) {
      const opens = this.#text.indexOf('<', this.#at);
      if (opens < 0) return this.#finish();
      if (opens > this.#at) {
        const text = this.#text.slice(this.#at, Math.min(opens, this.#at + this.#longestText));
        this.#at = opens;
        if (this.#open.length > 0) return { kind: 'text', text: decode(text) };
        if (text.trim() !== '') throw this.#error('text outside of the root element');
        continue;
      }
      const follows = this.#text.charCodeAt(opens + 1);
      if (follows === 0x3f) this.#skipTo('?>');
      else if (follows === 0x2f) return this.#endTag();
      else if (follows !== 0x21) return this.#startTag();
      else if (this.#text.startsWith('<!--', opens)) this.#skipTo('-->');
      else if (this.#text.startsWith('<![CDATA[', opens)) return this.#cdata();
      else throw this.#error('a declaration (<!…) is not allowed');
    }
  }

  #startTag(): XmlToken {
    const end = this.#tagEnd(this.#at + 1);
    NAME.lastIndex = this.#at + 1;
    const name = NAME.exec(this.#text)?.[0];
    if (name === undefined) throw this.#error('an element without a name');
    if (this.#open.length === 0 && this.#hasRoot) throw this.#error('a second root element');
    if (this.#open.length >= MAX_DEPTH) throw this.#error(`elements are nested deeper than ${MAX_DEPTH}`);
    this.#hasRoot = true;
    this.#pendingEnd = this.#text.charCodeAt(end - 1) === 0x2f;
    const tag = this.#text.slice(this.#at + 1 + name.length, this.#pendingEnd ? end - 1 : end);
    this.#open.push(name);
    this.#at = end + 1;
    return { kind: 'start', name, tag, depth: this.#open.length };
  }

  #endTag(): XmlToken {
    const end = this.#text.indexOf('>', this.#at);
    if (end < 0) throw this.#error('a tag that does not end');
    const open = this.#open.at(-1);
    if (open === undefined || end - this.#at - 2 < open.length || !this.#text.startsWith(open, this.#at + 2))
      throw this.#error('an end tag that does not match');
    if (this.#text.slice(this.#at + 2 + open.length, end).trim() !== '')
      throw this.#error('an end tag that does not match');
    this.#at = end + 1;
    return this.#close();
  }

  #close(): XmlToken {
    this.#pendingEnd = false;
    const depth = this.#open.length;
    this.#open.pop();
    return { kind: 'end', depth };
  }

  #cdata(): XmlToken {
    const begin = this.#at + '<![CDATA['.length;
    this.#skipTo(']]>');
    if (this.#open.length === 0) throw this.#error('text outside of the root element');
    return { kind: 'text', text: this.#text.slice(begin, Math.min(this.#at - 3, begin + this.#longestText)) };
  }

  #skipTo(end: string): void {
    const found = this.#text.indexOf(end, this.#at);
    if (found < 0) throw this.#error(`no ${end}`);
    this.#at = found + end.length;
  }

  /** The closing bracket of a tag, which may also occur inside quotes. */
  #tagEnd(from: number): number {
    for (let at = from; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at);
      if (code === 0x3e) return at;
      if (code === 0x3c) break;
      if (code !== 0x22 && code !== 0x27) continue;
      at = this.#text.indexOf(this.#text.charAt(at), at + 1);
      if (at < 0) break;
    }
    throw this.#error('a tag that does not end');
  }

  #finish(): null {
    if (this.#open.length > 0) throw this.#error(`<${this.#open.at(-1)!.slice(0, 40)}> is not closed`);
    if (!this.#hasRoot) throw this.#error('no element');
    return null;
  }

  #error(message: string): Error {
    return new Error(`${message} at character ${this.#at + 1}`);
  }
}

/** The attributes in the rest of a start tag, by their names with prefix. @throws Error */
export function attributesOf(tag: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  ATTRIBUTE.lastIndex = 0;
  let end = 0;
  for (let match = ATTRIBUTE.exec(tag); match !== null; match = ATTRIBUTE.exec(tag)) {
    found.set(match[1]!, decode((match[2] ?? match[3] ?? '').slice(0, MAX_TEXT)));
    end = ATTRIBUTE.lastIndex;
  }
  if (tag.slice(end).trim() !== '') throw new Error('a tag with invalid attributes');
  return found;
}

function decode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(ENTITY, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED[name]!;
    const code = decimal === undefined ? parseInt(hex!, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
