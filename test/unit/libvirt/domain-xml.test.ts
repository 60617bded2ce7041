import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { METADATA_NAMESPACE, readDomainXml, readLongDomainXml } from '../../../src/libvirt/domain-xml.ts';
import { guestDomain } from '../../support/builders.ts';

const domain = (inside: string): string => `<domain type='kvm'><name>web</name>${inside}</domain>`;
const own = (attributes: string): string =>
  domain(`<metadata><b:guest xmlns:b="${METADATA_NAMESPACE}" ${attributes}/></metadata>`);

test('a minimal domain', () => {
  expect(readDomainXml(domain(''))).toEqual({
    minGuaranteeKib: null,
    metadata: null,
    ovirt: null,
    wrong: [],
    wrongLabels: [],
    domain: guestDomain({ balloonModel: 'none', statsPeriodS: null }),
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
    expect(readDomainXml(own('min="512MiB"')).metadata).toEqual({
      balloonMinKib: 524_288,
      ballooning: null,
      labels: '',
    });
    expect(
      readDomainXml(domain(`<metadata><guest xmlns="${METADATA_NAMESPACE}" min="1 GiB"/></metadata>`)).metadata,
    ).toEqual({ balloonMinKib: 1_048_576, ballooning: null, labels: '' });
    expect(readDomainXml(own('')).metadata).toEqual({ balloonMinKib: null, ballooning: null, labels: '' });
    expect(
      readDomainXml(domain('<metadata><b:guest xmlns:b="https://example.org/other" min="512MiB"/></metadata>'))
        .metadata,
    ).toBeNull();
  });

  test.each(['512', '', 'MiB', '5 parsecs', '-5MiB', '1e3MiB'])('min="%s" is not a size', (min) => {
    expect(readDomainXml(own(`min="${min}"`))).toMatchObject({
      metadata: { balloonMinKib: null },
      wrong: [expect.stringContaining('not a size')],
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
    expect(readDomainXml(domain(`<devices><emulator>/bin/qemu</emulator>${xml}</devices>`)).domain.statsPeriodS).toBe(
      period,
    );
  });
});

test("entities are not expanded: a user's metadata cannot make the text grow", () => {
  const bomb = `<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>${domain('<metadata><x>&b;</x></metadata>')}`;
  expect(() => readDomainXml(bomb)).toThrow('a declaration (<!…) is not allowed');
});

describe('what the guest is', () => {
  test.each<[string, Partial<ReturnType<typeof guestDomain>>]>([
    ['<memoryBacking><hugepages/></memoryBacking>', { hugepages: true }],
    [
      "<memoryBacking><hugepages><page size='1' unit='G'/></hugepages><locked/></memoryBacking>",
      { hugepages: true, locked: true },
    ],
    ['<memoryBacking><nosharepages/></memoryBacking>', { nosharepages: true }],
    [
      "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>",
      { memorySource: 'memfd', sharedMemory: true },
    ],
    ["<memoryBacking><source type='file'/><access mode='private'/></memoryBacking>", { memorySource: 'file' }],
    ["<cpu><numa><cell id='0' memory='1' memAccess='shared'/></numa></cpu>", { sharedMemory: true }],
    ["<launchSecurity type='sev'><policy>0x3</policy></launchSecurity>", { launchSecurity: 'sev' }],
    ["<numatune><memory mode='strict' nodeset='1'/></numatune>", { numaNode: 1 }],
    ["<numatune><memory mode='preferred' nodeset='0-1'/></numatune>", { numaNode: null }],
    ["<numatune><memnode cellid='0' nodeset='1'/></numatune>", { numaNode: null }],
    ["<currentMemory unit='MiB'>3</currentMemory>", { currentKib: 3072 }],
    [
      "<devices><hostdev mode='subsystem' type='pci'><source/></hostdev></devices>",
      { hostDevices: 1, pinningDevices: 1 },
    ],
    ["<devices><hostdev mode='subsystem' type='usb'/></devices>", { hostDevices: 1 }],
    ["<devices><hostdev mode='subsystem' type='mdev' model='vfio-ccw'/></devices>", { hostDevices: 1 }],
    [
      "<devices><interface type='hostdev'/><interface type='bridge'/><disk type='nvme'/></devices>",
      { hostDevices: 2, pinningDevices: 2 },
    ],
    [
      "<devices><memballoon model='virtio' autodeflate='on' freePageReporting='on'/></devices>",
      { balloonModel: 'virtio', statsPeriodS: 0, autodeflate: true, freePageReporting: true },
    ],
    ["<devices><memory model='dimm'><target><size>5</size></target></memory></devices>", { notPluggedKib: 0 }],
    [
      "<devices><memory model='nvdimm'><target><size unit='MiB'>1</size></target></memory></devices>",
      { notPluggedKib: 1024 },
    ],
    [
      "<devices><memory model='virtio-mem'><target><size>100</size><requested>60</requested><current>40</current></target></memory><memory model='virtio-mem'><target><size>7</size></target></memory></devices>",
      { notPluggedKib: 67 },
    ],
  ])('%s', (inside, facts) => {
    expect(readDomainXml(domain(inside)).domain).toEqual(
      guestDomain({ balloonModel: 'none', statsPeriodS: null, ...facts }),
    );
  });

  test('is not read from elements of the same name elsewhere', () => {
    const { domain: facts } = readDomainXml(
      domain('<metadata><x><hugepages/><locked/></x></metadata><os><memoryBacking><hugepages/></memoryBacking></os>'),
    );
    expect(facts).toMatchObject({ hugepages: false, locked: false });
  });
});

describe('oVirt’s metadata', () => {
  const ovirt = (inside: string, around = '') =>
    readDomainXml(
      domain(
        `<metadata ${around}><ovirt-vm:vm xmlns:ovirt-vm="http://ovirt.org/vm/1.0">${inside}</ovirt-vm:vm></metadata>`,
      ),
    );

  test('has a minimum and a switch, which count only directly in its element', () => {
    const nested =
      '<ovirt-vm:custom><ovirt-vm:minGuaranteedMemoryMb>9</ovirt-vm:minGuaranteedMemoryMb></ovirt-vm:custom>';
    const min = '<ovirt-vm:minGuaranteedMemoryMb type="int">6144</ovirt-vm:minGuaranteedMemoryMb>';
    expect(ovirt(nested + min).ovirt).toEqual({ balloonMinKib: 6_291_456, ballooning: null });
    expect(ovirt('<ovirt-vm:ballooningEnabled>false</ovirt-vm:ballooningEnabled>').ovirt).toEqual({
      balloonMinKib: null,
      ballooning: false,
    });
    expect(ovirt('<ovirt-vm:minGuaranteedMemoryMb>lots</ovirt-vm:minGuaranteedMemoryMb>').wrong).toEqual([
      'oVirt\'s minGuaranteedMemoryMb is "lots", which is no number of MiB',
    ]);
  });

  test('may have its namespace declared further out, and stands next to Ballast’s own', () => {
    const xml = `<domain xmlns:o="http://ovirt.org/vm/1.0"><metadata xmlns:b="${METADATA_NAMESPACE}"><o:vm><o:ballooningEnabled>true</o:ballooningEnabled></o:vm><b:guest ballooning="off"/></metadata></domain>`;
    expect(readDomainXml(xml)).toMatchObject({
      ovirt: { ballooning: true },
      metadata: { ballooning: false, balloonMinKib: null },
    });
  });
});

describe('hostile XML', () => {
  const MIB = 1_048_576;
  // A quadratic reader would take minutes; the limit is far above what a linear one needs.
  test.each<[string, string]>([
    ['spaces in a size', own(`min="1${' '.repeat(4 * MIB - 400)}!"`)],
    [
      'many labels',
      own('min="1MiB"').replace('/></metadata>', `>${'<label>x y</label>'.repeat(200_000)}</b:guest></metadata>`),
    ],
    ['many elements', domain(`<metadata><x xmlns="y">${'<a b="c"/>'.repeat(400_000)}</x></metadata>`)],
    ['many open quotes', domain(`<metadata><x ${'a="b" '.repeat(600_000)}/></metadata>`)],
    ['a tag without an end', domain(`<metadata><x ${'a '.repeat(2 * MIB - 100)}`)],
    ['many brackets', `<domain>${'<'.repeat(4 * MIB - 100)}`],
    ['ampersands', domain(`<title>${'&'.repeat(4 * MIB - 100)}</title>`)],
    ['deep nesting', domain(`<metadata>${'<a>'.repeat(MIB)}`)],
    ['comments', domain('<!---->'.repeat(500_000))],
    ['more than libvirt sends', domain(' '.repeat(5 * MIB))],
  ])(
    '%s is read or refused without blocking',
    async (_, xml) => {
      let turns = 0;
      let running = true;
      const count = (): void => {
        turns++;
        if (running) setImmediate(count);
      };
      setImmediate(count);
      const began = performance.now();
      await readLongDomainXml(xml).catch((error: Error) => expect(error.constructor).toBe(Error));
      running = false;
      expect(performance.now() - began).toBeLessThan(5000 + turns);
    },
    30_000,
  );

  test('never causes anything but an Error', () => {
    const piece = fc.constantFrom(
      ...['<', '>', '/', '"', "'", '=', '&', '<!--', '-->', '<![CDATA[', ']]>', '<?', '?>', ' ', 'domain', 'metadata'],
      ...['<domain>', '</domain>', '<metadata>', `<b:guest xmlns:b="${METADATA_NAMESPACE}" min="`, 'devices', '&#x0;'],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          readDomainXml(pieces.join(''));
        } catch (error) {
          expect((error as Error).constructor).toBe(Error);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
