import { describe, expect, test } from 'vitest';
import { METADATA_NAMESPACE, readDomainXml } from '../../src/hypervisor/domain-xml.ts';

const domain = (inside: string): string => `<domain type='kvm'><name>web</name>${inside}</domain>`;
const own = (attributes: string): string => domain(`<metadata><b:guest xmlns:b="${METADATA_NAMESPACE}" ${attributes}/></metadata>`);

test('a domain that says nothing', () => {
  expect(readDomainXml(domain(''))).toEqual({ minGuaranteeKib: null, metadata: null, statsPeriodS: null });
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
    expect(readDomainXml(domain(`<memtune><hard_limit unit='KiB'>9</hard_limit>${xml}</memtune>`)).minGuaranteeKib).toBe(kib);
  });

  test.each(['<min_guarantee/>', '<min_guarantee>much</min_guarantee>', '<min_guarantee>-1</min_guarantee>', "<min_guarantee unit='furlong'>1</min_guarantee>"])('%s is not a size', (xml) => {
    expect(() => readDomainXml(domain(`<memtune>${xml}</memtune>`))).toThrow('is not a size');
  });
});

describe('Ballast’s metadata', () => {
  test('is known by its namespace, whatever its prefix', () => {
    expect(readDomainXml(own('min="512MiB"')).metadata).toEqual({ balloonMinKib: 524_288 });
    expect(readDomainXml(domain(`<metadata><guest xmlns="${METADATA_NAMESPACE}" min="1 GiB"/></metadata>`)).metadata).toEqual({ balloonMinKib: 1_048_576 });
    expect(readDomainXml(own('')).metadata).toEqual({ balloonMinKib: null });
    expect(readDomainXml(domain('<metadata><b:guest xmlns:b="https://example.org/other" min="512MiB"/></metadata>')).metadata).toBeNull();
  });

  test.each(['512', '', 'MiB', '5 parsecs', '-5MiB', '1e3MiB'])('min="%s" is not a size', (min) => {
    expect(() => readDomainXml(own(`min="${min}"`))).toThrow(/not a size/);
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

test('entities are not expanded: a user’s metadata cannot make the text grow', () => {
  const bomb = `<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>${domain('<metadata><x>&b;</x></metadata>')}`;
  expect(readDomainXml(bomb)).toMatchObject({ metadata: null });
});
