import { expect, test } from 'vitest';
import { METADATA_NAMESPACE, readDomainXml } from '../../src/libvirt/domain-xml.ts';
import { growsFaster } from '../support/growth.ts';

const OWN = `<b:guest xmlns:b="${METADATA_NAMESPACE}" min="1GiB"/>`;
const domain = (metadata: string): string =>
  `<domain type='kvm'><name>web</name><metadata>${metadata}</metadata></domain>`;

/** What a user of a guest may write, by its number of characters. */
const HOSTILE: Readonly<Record<string, (size: number) => string>> = {
  'spaces in a size': (size) => domain(OWN.replace('1GiB', `1${' '.repeat(size)}!`)),
  'digits in a size': (size) => domain(OWN.replace('1GiB', `${'1'.repeat(size)}!`)),
  'spaces in a tag': (size) => domain(`<a${' '.repeat(size)}b/>`),
  'open quotes': (size) => domain('<a "'.repeat(size / 4)),
  'open comments': (size) => domain('<!--'.repeat(size / 4)),
  'open sections': (size) => domain('<![CDATA['.repeat(size / 9)),
  'open instructions': (size) => domain('<?a '.repeat(size / 4)),
  'closing tags': (size) => domain('</a>'.repeat(size / 4)),
  brackets: (size) => domain('<'.repeat(size)),
  'nested elements': (size) => domain('<a>'.repeat(size / 8) + '</a>'.repeat(size / 8)),
  'elements inside one': (size) => domain(`<a>${'<b/>'.repeat(size / 4)}</a>`),
  'elements inside ours': (size) => domain(OWN.replace('/>', `>${'<a/>'.repeat(size / 4)}</b:guest>`)),
  'labels inside ours': (size) => domain(OWN.replace('/>', `>${'<label>a b</label>'.repeat(size / 18)}</b:guest>`)),
  'attributes of ours': (size) =>
    domain(OWN.replace('/>', Array.from({ length: size / 10 }, (_v, at) => ` a${at}="1"`).join('') + '/>')),
  'namespaces around elements': (size) =>
    domain('<a/>'.repeat(size / 8)).replace('<metadata>', `<metadata${namespaces(size / 32)}>`),
  'namespaces of the root': (size) =>
    domain('<a/>'.repeat(size / 8)).replace('<domain', `<domain${namespaces(size / 32)}`),
  'elements inside a long name': (size) =>
    domain(
      OWN.replace('/>', `><${'a'.repeat(size / 4)}>${'<c/>'.repeat(size / 8)}</${'a'.repeat(size / 4)}></b:guest>`),
    ),
};

function namespaces(count: number): string {
  return Array.from({ length: count }, (_v, at) => ` xmlns:n${at}="urn:n"`).join('');
}

test.each(Object.keys(HOSTILE))('the time of %s grows with their size', (name) => {
  const read = (xml: string) => () => {
    try {
      readDomainXml(xml);
    } catch {
      // Refused is as good as read.
    }
  };
  expect(growsFaster((size) => read((HOSTILE[name] as (size: number) => string)(size)))).toBe(false);
});
