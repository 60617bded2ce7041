import fc from 'fast-check';
import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import { attributesOf, XmlScanner } from '../../../src/support/xml-scanner.ts';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly inside: readonly (Element | string)[];
}

function scanned(xml: string): Element {
  const scanner = new XmlScanner(xml);
  const root = { name: '', attributes: {}, inside: [] as (Element | string)[] };
  const open = [root];
  for (let token = scanner.next(); token !== null; token = scanner.next()) {
    const parent = open.at(-1)!;
    if (token.kind === 'text') parent.inside.push(token.text);
    else if (token.kind === 'end') open.pop();
    else {
      const element = { name: token.name, attributes: Object.fromEntries(attributesOf(token.tag)), inside: [] };
      parent.inside.push(element);
      open.push(element);
    }
  }
  return root.inside[0] as Element;
}

/** The form that fast-xml-parser calls preserveOrder. */
type Ordered = Readonly<Record<string, unknown>>;
const OPTIONS = { preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '', trimValues: false };

function toOrdered(element: Element): Ordered {
  const inside = element.inside.map((part) => (typeof part === 'string' ? { '#text': part } : toOrdered(part)));
  return { [element.name]: inside, ':@': element.attributes };
}

function fromOrdered(ordered: Ordered): Element | string {
  if ('#text' in ordered) return String(ordered['#text']);
  const [name] = Object.keys(ordered).filter((key) => key !== ':@') as [string];
  const attributes = (ordered[':@'] ?? {}) as Element['attributes'];
  return { name, attributes, inside: (ordered[name] as readonly Ordered[]).map(fromOrdered) };
}

const name = fc.stringMatching(/^[a-z][a-z0-9:._-]{0,8}$/);
const text = fc.stringMatching(/^[ -~äß😀]{1,20}$/u);
const { element } = fc.letrec<{ element: Element }>((tie) => ({
  element: fc.record({
    name,
    attributes: fc.dictionary(name, text, { maxKeys: 4 }),
    // Two texts beside each other are one.
    inside: fc
      .array(fc.oneof({ depthSize: 'small' }, text, tie('element')), { maxLength: 5 })
      .map((parts) => parts.filter((part, at) => typeof part !== 'string' || typeof parts[at - 1] !== 'string')),
  }),
}));

test('elements, attributes and texts are read as another library writes and reads them', () => {
  fc.assert(
    fc.property(element, (root) => {
      // oxlint-disable-next-line typescript/no-deprecated -- as in the JUnit report: the separate package is the same code
      const xml = new XMLBuilder(OPTIONS).build([toOrdered(root)]);
      expect(scanned(xml)).toEqual(root);
      const parser = new XMLParser({ ...OPTIONS, parseTagValue: false, parseAttributeValue: false });
      const [again] = parser.parse(xml) as readonly [Ordered];
      expect(fromOrdered(again)).toEqual(root);
    }),
  );
});
