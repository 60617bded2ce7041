import { UNITS, type Unit } from '../../model/units.ts';
import { inBase, LITERAL_UNITS, type LiteralUnit } from '../../policy/text/quantity.ts';
import { anchored } from './anchors.ts';
import { code, table } from './markdown.ts';

const MEANING: Readonly<Record<Unit, string>> = {
  KiB: '1024 bytes',
  pages: 'pages of the host kernel: 4 KiB on x86, up to 64 KiB on others; Host.page_size has the size',
  'KiB/pages': 'KiB for each page: times a number of pages it is KiB',
  bytes: 'bytes',
  ms: 'milliseconds',
  s: 'seconds',
  us: 'microseconds',
  '%': 'percent: 20 is a fifth',
  ratio: '0.2 is a fifth',
  count: 'how many',
  'per second': 'how many of something in a second',
  none: 'a number that counts nothing, such as a switch or a version',
};

export function unitSection(): string[] {
  return [
    '',
    '## Units',
    '',
    'Of fields and controls:',
    '',
    ...table(
      ['unit', 'what a number in it means'],
      UNITS.map((unit) => [anchored('unit', unit, unit), MEANING[unit]]),
    ),
    '',
    'A number that ends with one of these is in the base unit: `512MiB` is 524288. Directly beside a field, or as the value of a control, it is in',
    'the unit of that field or control instead: `(> Host.psi_memory_some_avg10 20%)` compares with 20, because the field is in percent.',
    '',
    ...table(
      ['ending', 'base unit', '1 of it is', ''],
      LITERAL_UNITS.map((unit) => [
        anchored('ending', unit.suffix, code(unit.suffix)),
        unit.base,
        String(inBase({ number: '1', unit })),
        exampleOf(unit),
      ]),
    ),
  ];
}

function exampleOf(unit: LiteralUnit): string {
  return code(`20${unit.suffix}`) + ` is ${inBase({ number: '20', unit })}`;
}
