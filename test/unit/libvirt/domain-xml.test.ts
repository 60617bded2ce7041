import { describe, expect, test } from 'vitest';
import { METADATA_NAMESPACE, readDomainXml } from '../../../src/libvirt/domain-xml.ts';

const domain = (inside: string): string => `<domain type='kvm'><name>web</name>${inside}</domain>`;
const own = (attributes: string): string =>
  domain(`<metadata><b:guest xmlns:b="${METADATA_NAMESPACE}" ${attributes}/></metadata>`);

test('a minimal domain', () => {
  expect(readDomainXml(domain(''))).toEqual({
    minGuaranteeKib: null,
    metadata: null,
    wrongMin: null,
    wrongLabels: [],
    statsPeriodS: null,
  });
});

describe('<min_guarantee>', () => {
  test.each<[string, number]>([
    ['<min_guarantee>1024</min_guarantee>', 1024],
    ["<min_guarantee unit='KiB'>1024</min_guarantee>", 1024],
    ["<min_guarantee unit='MiB'>3</min_guarantee>", 3072],
    ["<min_guarantee unit='G'>1</min_guarantee>", 1_048_576],
    ["<min_guarantee unit='bytes'>4096</min_guarantee>", 4],
    ["<min_guarantee unit='MB'>1024</min_guarantee>", 1_000_000],
  ])('%s', (xml, kib) => {
    expect(
      readDomainXml(domain(`<memtune><hard_limit unit='KiB'>9</hard_limit>${xml}</memtune>`)).minGuaranteeKib,
    ).toBe(kib);
  });

  test.each([
    '<min_guarantee/>',
    '<min_guarantee>much</min_guarantee>',
    '<min_guarantee>-1</min_guarantee>',
    "<min_guarantee unit='furlong'>1</min_guarantee>",
  ])('%s is not a size', (xml) => {
    expect(() => readDomainXml(domain(`<memtune>${xml}</memtune>`))).toThrow('is not a size');
  });
});

describe('Ballast’s metadata', () => {
  test('is identified by its namespace, whatever its prefix', () => {
    expect(readDomainXml(own('min="512MiB"')).metadata).toEqual({ balloonMinKib: 524_288, labels: '' });
    expect(
      readDomainXml(domain(`<metadata><guest xmlns="${METADATA_NAMESPACE}" min="1 GiB"/></metadata>`)).metadata,
    ).toEqual({ balloonMinKib: 1_048_576, labels: '' });
    expect(readDomainXml(own('')).metadata).toEqual({ balloonMinKib: null, labels: '' });
    expect(
      readDomainXml(domain('<metadata><b:guest xmlns:b="https://example.org/other" min="512MiB"/></metadata>'))
        .metadata,
    ).toBeNull();
  });

  test.each(['512', '', 'MiB', '5 parsecs', '-5MiB', '1e3MiB'])('min="%s" is not a size', (min) => {
    expect(readDomainXml(own(`min="${min}"`))).toMatchObject({
      metadata: { balloonMinKib: null },
      wrongMin: expect.stringContaining('not a size'),
    });
  });

  const labelled = (inside: string) =>
    readDomainXml(
      domain(`<metadata><b:guest xmlns:b="${METADATA_NAMESPACE}" min="512">${inside}</b:guest></metadata>`),
    );

  test.each<[string, string, readonly string[]]>([
    ['<b:label>db</b:label>', 'db', []],
    ['<b:label>tier-1</b:label>\n  <b:label> db </b:label><b:label>db</b:label>', 'db tier-1', []],
    ['<label>by-hand</label><label/>', 'by-hand', ['']],
    ['<b:label a="b">a.b:c_d-9</b:label>', 'a.b:c_d-9', []],
    [
      '<b:label>ok</b:label><b:label>not ok</b:label><b:label>-x</b:label><b:label>ü</b:label>',
      'ok',
      ['not ok', '-x', 'ü'],
    ],
    [`<b:label>${'a'.repeat(64)}</b:label><b:label>${'b'.repeat(65)}</b:label>`, 'a'.repeat(64), ['b'.repeat(65)]],
    ['<b:labels>a</b:labels><b:group><b:label>a</b:label></b:group>', '', []],
    ['<b:label><b:x>a</b:x></b:label><b:label>7</b:label>', '7', ['']],
  ])('has labels: %s', (inside, labels, wrongLabels) => {
    expect(labelled(inside)).toMatchObject({ metadata: { labels }, wrongLabels });
  });

  test('has at most 64 labels', () => {
    const { metadata, wrongLabels } = labelled(
      Array.from({ length: 66 }, (_, n) => `<b:label>l${n}</b:label>`).join(''),
    );
    expect(metadata?.labels.split(' ')).toHaveLength(64);
    expect(wrongLabels).toEqual(['l64', 'l65']);
  });
});

describe('the statistics period', () => {
  test.each<[string, number | null]>([
    ["<memballoon model='virtio'><stats period='5'/></memballoon>", 5],
    ["<memballoon model='virtio'><address type='pci'/></memballoon>", 0],
    ["<memballoon model='virtio'/>", 0],
    ["<memballoon model='none'/>", null],
    ['', null],
  ])('%s', (xml, period) => {
    expect(readDomainXml(domain(`<devices><emulator>/bin/qemu</emulator>${xml}</devices>`)).statsPeriodS).toBe(period);
  });
});

test("entities are not expanded: a user's metadata cannot make the text grow", () => {
  const bomb = `<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>${domain('<metadata><x>&b;</x></metadata>')}`;
  expect(readDomainXml(bomb)).toMatchObject({ metadata: null });
});
