import fc, { type Arbitrary } from 'fast-check';
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { METADATA_NAMESPACE, readDomainXml, type DomainFacts } from '../../src/libvirt/domain-xml.ts';
import { LABEL } from '../../src/model/labels.ts';
import type { Destination } from '../../src/observe/log/destination.ts';
import { createLogger, type LogFormat } from '../../src/observe/log/logger.ts';
import type { Target } from './fuzzing.ts';

function few<T>(one: Arbitrary<T>, maxLength: number): Arbitrary<T[]> {
  return fc.array(one, { maxLength });
}

/** Pieces of XML that a scanner and a parser could read differently. */
const PIECES = [
  '<', '>', '/>', '</', '"', "'", '=', ' ', '\n', '<a', '<a>', '</a>', '<a/>', '<!--', '-->', '<![CDATA[', ']]>', '<?a', '?>',
  '<!DOCTYPE a [', '<!ENTITY b "c">', ']>', '&amp;', '&b;', '&#0;', '<metadata>', '</metadata>', '<metadata/>', '<domain>', '</domain>',
  `<b:guest xmlns:b="${METADATA_NAMESPACE}" min="1GiB">`, '</b:guest>', '<b:label>db</b:label>', 'min=', 'xmlns:b=', METADATA_NAMESPACE,
  '<__proto__>', '</__proto__>', '<constructor/>', '@min', '#text',
]; // prettier-ignore

const soup: Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 60 })
  .map((pieces) => pieces.join(''));

/** An element of somebody else, well-formed. */
const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
  content: fc
    .array(
      fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('text', '<!-- <a> -->', '<![CDATA[</a><metadata>]]>', '&lt;', ' ', '\n'),
        tie('element'),
      ),
      { maxLength: 4 },
    )
    .map((parts) => parts.join('')),
  element: fc
    .record({
      name: fc.constantFrom('a', 'x:guest', 'guest', 'metadata', 'domain', 'label', 'toString'),
      value: fc.constantFrom('', '1GiB', '></metadata>', "/>'", METADATA_NAMESPACE),
      content: tie('content'),
    })
    .map(({ name, value, content }) => `<${name} min="${value}">${content}</${name}>`),
}));

const SIZES: readonly (readonly [string, number | null])[] = [
  ['1GiB', 1_048_576],
  [' 512 MiB ', 524_288],
  ['0KiB', 0],
  ['1', null],
  ['GiB', null],
  ['1e3MiB', null],
  [`1${' '.repeat(5_000)}!`, null],
  ['9'.repeat(5_000), null],
];

const domains: Arbitrary<{ xml: string; kib: number | null }> = fc
  .record({
    before: few(element, 4),
    size: fc.constantFrom(...SIZES),
    inside: few(element, 2),
    after: few(element, 4),
    prefix: fc.constantFrom('b:', ''),
  })
  .map(({ before, size: [min, kib], inside, after, prefix }) => {
    const xmlns = prefix === '' ? 'xmlns' : 'xmlns:b';
    const own = `<${prefix}guest ${xmlns}="${METADATA_NAMESPACE}" min="${min}">${inside.join('')}</${prefix}guest>`;
    const metadata = `<metadata>${[...before, own, ...after].join('\n')}</metadata>`;
    return { xml: `<domain type='kvm'>\n<name>a</name>${metadata}<devices/></domain>`, kib };
  });

/** Longest message about a value that a user of a guest wrote. */
const MESSAGE = 300;

function assertFacts({ metadata, wrong, domain: { statsPeriodS } }: DomainFacts): void {
  const kib = metadata?.balloonMinKib ?? 0;
  ok(Number.isSafeInteger(kib) && kib >= 0, `a minimum of ${kib} KiB`);
  for (const each of wrong) ok(each.length <= MESSAGE, 'a long message');
  ok(statsPeriodS === null || typeof statsPeriodS === 'number');
  const labels = (metadata?.labels ?? '').split(' ').filter(Boolean);
  ok(labels.length <= 64 && labels.every((label) => LABEL.test(label)), `labels ${labels.join(' ')}`);
}

/** Any text is either read or refused with a message; a stack overflow is neither. */
function readAny(xml: string): void {
  let facts: DomainFacts;
  try {
    facts = readDomainXml(xml);
  } catch (error) {
    ok(error instanceof Error && !(error instanceof RangeError) && !(error instanceof TypeError), String(error));
    return;
  }
  assertFacts(facts);
}

const foreignText: Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc
    .tuple(fc.constantFrom('a', '\n', '\u001b[2J', '\u202e', '"', '\\', '\u{e0001}', '\ud800'), fc.nat(30_000))
    .map(([piece, count]) => piece.repeat(count)),
);

const logged = fc.record({
  msg: foreignText,
  guest: foreignText,
  notes: few(foreignText, 3),
  nested: fc.dictionary(foreignText, foreignText, { maxKeys: 3 }),
});

const FORMATS: readonly LogFormat[] = ['json', 'pretty', 'mom'];

/** Escaping makes a line up to six times as long as its limit. */
const LINE = 6 * 16 * 1024;

function linesOf(format: LogFormat, { msg, ...fields }: { msg: string }): string {
  let text = '';
  const destination: Destination = {
    isTTY: false,
    listen: () => undefined,
    write: (line) => (text += line),
    reopen: () => undefined,
    close: () => Promise.resolve(),
  };
  createLogger({ level: 'info', format, destination, clock: () => 0 })
    .of('test')
    .warn(fields, '%s', msg);
  return text;
}

/** One short line without a character that moves the cursor or reorders text; in JSON, short values are as they were. */
function assertLogged(record: { msg: string; guest: string; notes: readonly string[] }): void {
  for (const format of FORMATS) {
    const line = linesOf(format, record);
    ok(line.endsWith('\n') && line.length <= LINE, `${format}: ${line.length} characters`);
    ok(
      !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(line.slice(0, -1)),
      `${format}: ${JSON.stringify(line.slice(0, 500))}`,
    );
    if (format !== 'json') continue;
    const read = JSON.parse(line) as typeof record;
    if (JSON.stringify(record).length < 4_000)
      deepStrictEqual([read.msg, read.guest, read.notes], [record.msg, record.guest, record.notes]);
  }
}

/** Texts that users of guests write, and that reach Ballast through libvirt. */
export const FOREIGN_TARGETS: Readonly<Record<'xml' | 'metadata' | 'log', Target>> = {
  xml: {
    about: 'any text as the XML of a domain',
    share: 4,
    property: (watch) =>
      fc.property(soup, fc.boolean(), (text, isInside) => {
        const xml = isInside ? `<domain><metadata>${text}</metadata></domain>` : text;
        watch(xml);
        readAny(xml);
      }),
  },
  metadata: {
    about: "Ballast's element among others is found, and its minimum is right",
    share: 4,
    property: (watch) =>
      fc.property(domains, ({ xml, kib }) => {
        watch(xml);
        const facts = readDomainXml(xml);
        assertFacts(facts);
        strictEqual(facts.metadata?.balloonMinKib, kib);
      }),
  },
  log: {
    about: 'any text in the log is one short line that disguises nothing',
    share: 2,
    property: (watch) =>
      fc.property(logged, (record) => {
        watch(JSON.stringify(record));
        assertLogged(record);
      }),
  },
};
