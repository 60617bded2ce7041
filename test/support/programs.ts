import fc, { type Arbitrary } from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { layoutOf, type FieldDecl, type FieldValue } from '../../src/model/field.ts';
import type { PolicyInput } from '../../src/model/snapshot.ts';
import type { Vocabulary } from '../../src/model/vocabulary.ts';
import { evenTimes } from './builders.ts';

/** A policy text as a sequence of brackets and atoms, without whitespace. */
export type Words = readonly string[];

type Part = string | Words;
type Parts = Arbitrary<string> | Arbitrary<Words> | Arbitrary<Part> | Part;

/** The first fields of each kind and type: with few names, programs are short and reuse names. */
export function few(vocabulary: Vocabulary): Vocabulary {
  const chosen = (fields: readonly FieldDecl[]): readonly FieldDecl[] =>
    [true, false].flatMap((optional) =>
      (['number', 'string', 'boolean'] as const).flatMap((type) =>
        fields.filter((field) => field.type === type && field.optional === optional).slice(0, 3),
      ),
    );
  return { ...vocabulary, hostFields: chosen(vocabulary.hostFields), guestFields: chosen(vocabulary.guestFields) };
}

const call = (...parts: readonly Part[]): Words => ['(', ...parts.flat(), ')'];
const some = (part: Parts): Arbitrary<Part> =>
  typeof part === 'string' || Array.isArray(part) ? fc.constant(part as Part) : (part as Arbitrary<Part>);
const form = (...parts: readonly Parts[]): Arbitrary<Words> => fc.tuple(...parts.map(some)).map((all) => call(...all));
const block = (...parts: readonly Parts[]): Arbitrary<Words> =>
  fc.tuple(...parts.map(some)).map((all) => ['{', ...all.flat(), '}']);
const one = (...parts: readonly string[]): Arbitrary<string> => fc.constantFrom(...parts);

/** Expressions of each kind, on the host or on the guest `g` of a loop. */
interface Kinds {
  number: Part;
  truth: Part;
  text: Part;
  numbers: Part;
  guests: Part;
  action: Part;
}

const NUMBERS = [
  '0',
  '1',
  '2',
  '7',
  '-3',
  '2.5',
  '1e3',
  '0x1F',
  '64',
  '100',
  '512MiB',
  '1.5GiB',
  '20%',
  '30s',
  '5min',
  '4pages',
  '20ms',
];
const TEXTS = ['"a"', "'b c'", '""', '"two\nlines"', '"web"', '"10"', '"# no comment"', '"\\""'];
const DURATIONS = ['30s', '5min', '1h', '60'];

export interface ProgramOptions {
  /**
   * Percentage of expressions of a wrong kind. 0: programs that should have no type errors except for nil.
   */
  readonly wrongKinds?: number;
  /** Omit values that are known only at run time: variables, controls and properties. */
  readonly known?: boolean;
}

/** Programs with balanced brackets and known names, with variables, functions, all forms and all methods. */
export function programs(
  vocabulary: Vocabulary,
  { wrongKinds = 0, known = false }: ProgramOptions = {},
): Arbitrary<Words> {
  const ofType = (fields: readonly FieldDecl[], type: FieldDecl['type']): string[] =>
    fields.filter((field) => field.type === type).map(({ name }) => name);
  const controls = (scope: 'host' | 'guest'): string[] =>
    vocabulary.controls
      .filter((control) => control.scope === scope && control.type === 'number')
      .map(({ name }) => name);

  const expressions = (
    entity: 'Host' | 'g',
    inner: { readonly number: Arbitrary<Part>; readonly action: Arbitrary<Part> } | null,
  ) =>
    fc.letrec<Kinds>((anyTie) => {
      const tie = anyTie as (kind: keyof Kinds) => Arbitrary<Part>;
      const kinds = ['number', 'truth', 'text', 'numbers', 'guests'] as const;
      const anything: Arbitrary<Part> = fc.oneof(...kinds.map((kind) => tie(kind)), fc.constant('nil'));
      const want = (kind: keyof Kinds): Arbitrary<Part> =>
        wrongKinds === 0
          ? tie(kind)
          : fc.oneof({ weight: 100 - wrongKinds, arbitrary: tie(kind) }, { weight: wrongKinds, arbitrary: anything });
      const [number, truth, text, numbers, guests] = kinds.map(want) as [
        Arbitrary<Part>,
        Arbitrary<Part>,
        Arbitrary<Part>,
        Arbitrary<Part>,
        Arbitrary<Part>,
      ];
      const fields = entity === 'Host' ? vocabulary.hostFields : vocabulary.guestFields;
      const numeric = one(...ofType(fields, 'number'));
      const textual = ofType(fields, 'string');
      const quoted = numeric.map((name) => `"${name}"`);
      const field = numeric.map((name) => `${entity}.${name}`);
      const window: Arbitrary<Words> = fc.oneof(
        fc.constant([]),
        fc.tuple(one(':last'), one('1', '3')),
        fc.tuple(one(':over'), one(...DURATIONS)),
      );
      const statistic = fc
        .tuple(one('StatAvg', 'StatMin', 'StatMax', 'StatDelta', 'StatRate', 'StatTrend', 'StatAge'), quoted, window)
        .map(([method, name, keyword]) => call(`${entity}.${method}`, name, ...keyword));
      const overDays = fc.oneof(
        form(`${entity}.StatSameHour`, quoted, one('95%', '0.5')),
        form(`${entity}.StatPercentile`, quoted, number),
        form(`${entity}.StatPercentile`, quoted, one('5%', '100%'), one(':over'), one(...DURATIONS)),
      );
      const control = one(...controls(entity === 'Host' ? 'host' : 'guest')).map((name) => `"${name}"`);
      const stored = known
        ? []
        : [form(`${entity}.GetVar`, one('"kept"', '"other"')), form(`${entity}.GetControl`, control)];
      const nilable: Arbitrary<Part> = fc.oneof(
        field,
        form(`${entity}.Stat`, quoted),
        statistic,
        overDays,
        form('time-since', '"done"'),
        ...stored,
      );
      const guarded = field.map((name) => call('if', call('valid', name), name, '0'));
      const leaf = { maxDepth: 4, depthSize: 'xsmall', depthIdentifier: 'program' } as const;
      const same = (kind: Arbitrary<Part>): Arbitrary<Words>[] => [
        form('if', truth, kind, kind),
        form(
          'let',
          kind.map((value) => call(call('x', value))),
          kind,
        ),
        form(
          'cond',
          fc.tuple(truth, kind).map((clause) => call(...clause)),
          kind.map((body) => call('else', body)),
        ),
        form(
          'case',
          fc.oneof(number, one('level', 'limit')),
          fc.tuple(one('1', '(7 64 level)', 'nil', '"a"'), kind).map((clause) => call(...clause)),
          kind.map((body) => call('else', body)),
        ),
        block(tie('action'), kind),
      ];
      return {
        number: fc.oneof(
          leaf,
          fc.oneof(one(...NUMBERS), guarded, nilable, one('level', 'share', 'limit')),
          form(one('+', '-', '*', '/', 'min', 'max', 'mod', 'add'), number, number),
          form(one('<<', '>>'), form('floor', number), one('0', '3')),
          form(one('floor', 'ceil', 'round', 'abs'), number),
          form('clamp', number, number, number),
          form('nth', numbers, one('0', '1', '-1')),
          form('twice', number),
          form(one('sum', 'avg', 'count'), numbers),
          form(one('sum', 'avg', 'count', 'min-of'), numbers, 'n', form(one('+', '*'), 'n', number)),
          form('fold', numbers, 'n', 'acc', number, form(one('+', 'max'), 'acc', form('+', 'n', number))),
          form('hand-out', number, numbers, 'n', 'gift', fc.oneof(number, fc.constant('n')), tie('action'), 'gift'),
          ...(inner ? [form('hand-out', number, guests, 'g', 'gift', inner.number, inner.action, 'gift')] : []),
          ...same(number),
        ),
        truth: fc.oneof(
          leaf,
          form(one('<', '>', '<=', '>=', '==', '!='), number, number),
          form(one('and', 'or'), truth, truth),
          form('not', truth),
          form(one('valid', 'null'), nilable),
          form('starts-with', text, text),
          form('matches', text, one('"^a"', '"[0-9]+"')),
          form('held-for', one('"short"', '"idle"'), truth, one(...DURATIONS)),
          form('hysteresis', '"busy"', number, one(':down'), number, one(':up'), number),
          form(one('any', 'all'), numbers, 'n', form('>', 'n', number)),
          ...(entity === 'g' ? [form('tagged', 'g', one('"web"', '"db"')), form('needy', 'g')] : []),
        ),
        text: fc.oneof(
          leaf,
          one(...TEXTS),
          one('name_of'),
          ...(known ? [] : [form(`${entity}.Prop`, '"name"')]),
          ...(textual.length > 0 ? [one(...textual).map((name) => `${entity}.${name}`)] : []),
          form('+', text, text),
          form('concat', text, number),
          form('format', one('"{} of {:.1}"', '"{:size} {:percent}"'), number, number),
        ),
        numbers: fc.oneof(
          leaf,
          form('list', number, number),
          form('map', numbers, 'n', number),
          form('map', numbers, 'n', tie('action'), number),
          form('filter', numbers, 'n', truth),
          form('sort', numbers),
          form('range', one('0', '3', '7')),
          ...(inner ? [form('map', guests, 'g', inner.number)] : []),
        ),
        guests: fc.oneof(
          leaf,
          one('Guests'),
          form(
            'filter',
            guests,
            'g',
            form(
              'valid',
              one(...ofType(vocabulary.guestFields, 'number')).map((name) => `g.${name}`),
            ),
          ),
        ),
        action: fc.oneof(
          leaf,
          form(`${entity}.Control`, control, number),
          form(`${entity}.SetVar`, one('"kept"', '"other"'), fc.oneof(number, text)),
          form('debug', text, number),
          form('mark', '"done"'),
          // If it could be set to nil, its kind would be unknown.
          form('set', 'level', known ? form('floor', number) : number),
          form('because', text, tie('action')),
          form(one('every', 'cooldown'), one(...DURATIONS), tie('action')),
          form('if', truth, tie('action'), '0'),
          block(tie('action'), tie('action')),
          ...(entity === 'Host' && inner
            ? [
                form('with', 'Guests', 'g', inner.action),
                form('with', 'Guests', 'g', inner.action, inner.action),
                form('map', guests, 'g', inner.action),
              ]
            : []),
        ),
      };
    });

  const inGuest = expressions('g', null);
  const onHost = expressions('Host', inGuest);
  const definitions = fc.tuple(
    fc
      .tuple(one(...NUMBERS.slice(0, 6)), one(...TEXTS))
      .map(([value, doc]) => call('param', 'limit', value, doc, ':min', '-100', ':max', '1000')),
    onHost.number.map((value) => call('defvar', 'level', value)),
    onHost.number.map((value) => call('defvar', 'share', value)),
    onHost.text.map((value) => call('defvar', 'name_of', value)),
    fc.constant(call('def', 'twice', call('x'), call('*', '2', 'x'))),
    inGuest.truth.map((body) => call('def', 'needy', call('g'), body)),
  );
  // Variables are defined first, so that all expressions can use them.
  const early = fc
    .tuple(one(...NUMBERS), one(...NUMBERS), one(...TEXTS))
    .map(([level, share, name]) => [
      ...call('defvar', 'level', level),
      ...call('defvar', 'share', share),
      ...call('defvar', 'name_of', name),
    ]);
  const statements = fc.array(
    fc.oneof(
      { weight: 3, arbitrary: onHost.action },
      { weight: 1, arbitrary: onHost.number },
      { weight: 1, arbitrary: onHost.numbers },
    ),
    { minLength: 1, maxLength: 4 },
  );
  return fc
    .tuple(early, definitions, statements)
    .map(([first, [limit, , , , twice, needy], rest]) => [...limit, ...twice, ...needy, ...first, ...rest.flat()]);
}

/** Any sequence of tokens, with brackets in any order. */
export const soup: Arbitrary<Words> = fc.array(
  one(
    ...'(){}[]'.split(''),
    '(',
    ')',
    '(',
    ')',
    'def',
    'defvar',
    'let',
    'with',
    'if',
    'cond',
    'case',
    'else',
    'and',
    'map',
    'sum',
    'fold',
    'hand-out',
    'because',
    'param',
    'held-for',
    'every',
    'f',
    'x',
    'g',
    'Host',
    'Guests',
    'g.balloon_cur',
    'Host.mem_free',
    'g.Control',
    'Host.StatAvg',
    'nil',
    '+',
    '<',
    '<<',
    ':min',
    ':last',
    '0',
    '-1',
    '2.5',
    '512MiB',
    '20%',
    '"a"',
    "'two\nlines'",
    'a.b.c',
  ),
  { maxLength: 60 },
);

/** A soup with balanced brackets. */
export const balancedSoup: Arbitrary<Words> = soup.map((words) => {
  const open: string[] = [];
  const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
  const kept = words.flatMap((word) => {
    if (word in closing) open.push(closing[word] as string);
    else if (/^[)\]}]$/.test(word)) return open.length > 0 ? [open.pop() as string] : [];
    return [word];
  });
  return [...kept, ...open.reverse()];
});

const BLANKS = [' ', '  ', '\n', '\n    ', '\t', '\r\n', '\r', '\n\n', '\n \n\n'];
const COMMENTS = [
  ' # c\n',
  ' # c\r',
  '#c \n',
  '\n# own\n',
  '\n\n  # own\n\n',
  ' # ballast: allow x, y\n',
  '\n # ballast: allow z\n',
  ' # crlf\r\n',
  '\n#\n#\n',
];

/** A text of these words, with random whitespace between them, and optionally comments. */
export function laidOut(words: Words, comments: boolean): Arbitrary<string> {
  const between = comments
    ? fc.oneof({ weight: 4, arbitrary: one(...BLANKS) }, { weight: 1, arbitrary: one(...COMMENTS) })
    : one(...BLANKS.slice(0, 6));
  return fc.array(between, { minLength: words.length + 1, maxLength: words.length + 1 }).map((blanks) => {
    const parts = words.flatMap((word, at) => {
      const tight = at === 0 || /^[)\]}]$/.test(word) || /^[([{]$/.test(words[at - 1] ?? '');
      const blank = blanks[at] as string;
      return [tight && blank === ' ' ? '' : blank, word];
    });
    return `${parts.join('')}${comments ? blanks.at(-1) : ''}`;
  });
}

/** The shipped policies and those of the cases, with their names. */
export function realPolicies(): readonly { readonly file: string; readonly text: string }[] {
  const at = (path: string): URL => new URL(`../../${path}`, import.meta.url);
  const shipped = readdirSync(at('policies/'))
    .filter((name) => name.endsWith('.policy'))
    .map((file) => ({ file, text: readFileSync(at(`policies/${file}`), 'utf8') }));
  const cases = ['language-corners', 'language-random', 'entities', 'entity-corners', 'extensions'].flatMap((name) =>
    readFileSync(at(`test/cases/${name}.jsonl`), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line, index) => ({ file: `${name} ${index + 1}`, text: (JSON.parse(line) as { policy: string }).policy })),
  );
  return [...shipped, ...cases];
}

/** A text with one to four random deletions, insertions or duplications. */
export function mutated(texts: readonly string[]): Arbitrary<string> {
  const change = fc.record({
    at: fc.nat(),
    length: fc.nat({ max: 30 }),
    other: one(...texts),
    from: fc.nat(),
    piece: one(
      '(',
      ')',
      '{',
      '}',
      '"',
      "'",
      '#',
      '\\',
      '\n',
      ' ',
      '.',
      '-',
      ':',
      '%',
      'MiB',
      '0',
      '1e',
      'nil',
      '\r',
      '\t',
      '\0',
      '\u{1F600}',
      '\u2028',
      '(def ',
      '(param ',
      '(cond (',
      '(sum ',
    ),
  });
  return fc.tuple(one(...texts), fc.array(change, { minLength: 1, maxLength: 4 })).map(([text, changes]) =>
    changes.reduce((now, { at, length, other, from, piece }) => {
      const place = at % (now.length + 1);
      const begin = from % (other.length + 1);
      const inserted = from % 2 === 0 ? piece : other.slice(begin, begin + length * 3);
      return `${now.slice(0, place)}${inserted}${now.slice(place + (at % 3 === 0 ? length : 0))}`;
    }, text),
  );
}

/** A host and up to three guests with one to four samples; optional fields are often nil. */
export function worlds(vocabulary: Vocabulary): Arbitrary<PolicyInput> {
  const value = ({ type, optional }: FieldDecl): Arbitrary<FieldValue> => {
    const present: Arbitrary<FieldValue> =
      type === 'number'
        ? fc.oneof(
            fc.nat({ max: 16_777_216 }),
            fc.constant(0),
            fc.nat({ max: 1000 }).map((number) => number / 8),
          )
        : type === 'boolean'
          ? fc.boolean()
          : one('running', 'a', '');
    return optional
      ? fc.oneof({ weight: 2, arbitrary: present }, { weight: 1, arbitrary: fc.constant(null) })
      : present;
  };
  const samples = (fields: readonly FieldDecl[]) =>
    fc.array(fc.tuple(...fields.map(value)), { minLength: 1, maxLength: 4 });
  return fc
    .tuple(
      samples(vocabulary.hostFields),
      fc.array(samples(vocabulary.guestFields), { maxLength: 3 }),
      fc.nat({ max: 1_000_000 }),
    )
    .map(([host, guests, second]) => {
      const timeMs = second * 1000;
      return {
        timeMs,
        hostLayout: layoutOf(vocabulary.hostFields.map(({ name }) => name)),
        guestLayout: layoutOf(vocabulary.guestFields.map(({ name }) => name)),
        host: { props: { name: 'host' }, samples: host, times: evenTimes(host.length, timeMs) },
        guests: guests.map((history, index) => {
          const [name, uuid] = [`g${index}`, `uuid ${index}`];
          return {
            name,
            uuid,
            props: { name, uuid, id: index, pid: 100 + index, labels: index === 0 ? 'db web' : '' },
            samples: history,
            times: evenTimes(history.length, timeMs),
          };
        }),
      };
    });
}
