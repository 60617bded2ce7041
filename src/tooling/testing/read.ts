import { z } from 'zod';
import type { PlacedOverride } from '../../parameters/group.ts';
import type { FileKind } from '../../yaml/file-kind.ts';
import type { KeyPath } from '../../yaml/key-path.ts';
import { listProblems, type FileProblem } from '../../yaml/problem.ts';
import { readYaml } from '../../yaml/read-yaml.ts';
import { schemaProblems, WITH_INPUT } from '../../yaml/schema-problems.ts';
import { mergeOverrides } from '../../model/parameter.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import { EntryReader } from './entries.ts';
import { FORBIDDEN, forbiddenKeys } from './forbidden-keys.ts';
import { misplacedIn } from './misplaced.ts';
import type { RawCase, RawFile, RawInterval } from './raw.ts';
import { overRows } from './row-problems.ts';
import { rowsOf, type Filled } from './rows.ts';
import { salvaged } from './salvage.ts';
import { testFileSchema } from './schema.ts';
import { NOTHING_GIVEN, type Given, type Step, type Suite, type TestCase } from './suite.ts';

/** An invalid test file. */
interface Refused {
  readonly problems: readonly FileProblem[];
  /** The policies that it names, as far as known, so that their problems can be reported too. */
  readonly policies: readonly string[];
}

/** Reads a policy test file. All problems are reported at once, in file order. */
export function readSuite(file: string, text: string, vocabulary: Vocabulary): { readonly suite: Suite } | Refused {
  const foreign = text.search(/[\0\ufffd]/);
  if (foreign !== -1)
    return refused([
      {
        file,
        line: text.slice(0, foreign).split('\n').length,
        column: null,
        message: 'is not valid UTF-8',
      },
    ]);
  if (LOOKS_LIKE_A_POLICY.test(text)) return refused([{ file, line: null, column: null, message: A_POLICY }]);
  const { yaml, problems } = readYaml(file, text, POLICY_TEST);
  if (yaml === null) return refused(problems);
  const policies = policiesIn(yaml.value);
  problems.push(...forbiddenKeys(yaml, file));
  const schema = testFileSchema(vocabulary);
  const { cases } = schema.shape;
  // Cases are validated one by one, after the values of their tables are filled in.
  const whole = schema.extend({
    cases: z.array(z.unknown(), { error: 'is a list of cases, each beginning with a dash' }).min(1, { error: NO_CASE }),
  });
  const parsed = parseAll(whole, yaml.value ?? {}, (issues) =>
    problems.push(...schemaProblems(issues, { yaml, file, schema, passed: [FORBIDDEN] })),
  );
  if (parsed === null) return refused(problems, policies);
  const reader = new SuiteReader({ file, yaml, vocabulary, problems, schema: cases.element });
  const suite = reader.suite(parsed as RawFile);
  return problems.length > 0 ? refused(problems, policies) : { suite };
}

function refused(problems: readonly FileProblem[], policies: readonly string[] = []): Refused {
  return { problems: listProblems(problems), policies };
}

function policiesIn(value: unknown): readonly string[] {
  const named = typeof value === 'object' && value !== null && 'policy' in value ? [value.policy].flat() : [];
  return named.filter((name): name is string => typeof name === 'string' && name !== '');
}

/** The valid part of a value: parsed, or what remains without its invalid keys. null: nothing remains. */
function parseAll(schema: z.ZodType, value: unknown, refuse: (issues: readonly z.core.$ZodIssue[]) => void): unknown {
  const parsed = schema.safeParse(value, WITH_INPUT);
  if (parsed.success) return parsed.data;
  refuse(parsed.error.issues);
  const rest = salvaged(value, parsed.error.issues);
  return rest === null ? null : (schema.safeParse(rest).data ?? null);
}

const POLICY_TEST: FileKind = { name: 'policy test', example: 'history: 10' };
/** An opening bracket, after comments and blank lines. */
const LOOKS_LIKE_A_POLICY = /^\ufeff?(?:\s|#.*\n)*\(/;
const A_POLICY = 'looks like a policy; policy tests are YAML files named NAME.test.yaml';
const NO_CASE = 'has no cases';

/** Times that do not depend on the local time zone. */
const INDEPENDENT_OF_ZONE = /^\+|(?:Z|[+-]\d\d:?\d\d)$/i;

/** MOM's default. */
const INTERVAL_MS = 10_000;
const HISTORY = 10;

class SuiteReader extends EntryReader {
  suite(raw: RawFile): Suite {
    const { defaults = {} } = raw;
    const base: Base = {
      host: this.entity('host', defaults.host ?? {}, ['defaults', 'host']),
      everyGuest: this.entity('guest', defaults.guest ?? {}, ['defaults', 'guest']),
      guests: this.guests(defaults.guests ?? {}, ['defaults', 'guests']),
      intervalMs: this.duration(raw.interval, ['interval'], INTERVAL_MS),
      history: raw.history ?? HISTORY,
      params: this.params(raw.params, ['params']),
    };
    const cases = raw.cases.flatMap((each, at) => this.#rows(each, ['cases', at], base));
    this.namesTwice(cases);
    const { file, yaml } = this.parts;
    const policies = typeof raw.policy === 'string' ? [raw.policy] : raw.policy;
    return { file, policies, policiesAt: yaml.valueAt(['policy']), cases };
  }

  #rows(raw: unknown, path: KeyPath, base: Base): TestCase[] {
    const filled = rowsOf(raw);
    const { problems } = this.parts;
    const found = filled.map((): FileProblem[] => []);
    const cases = filled.flatMap((each, at) => {
      this.problems = found[at] as FileProblem[];
      return this.#filled(each, path, base);
    });
    this.problems = problems;
    problems.push(...(filled[0]?.row === null ? found.flat() : overRows(found)));
    return cases;
  }

  #filled({ raw, unknown }: Filled, path: KeyPath, base: Base): TestCase[] {
    for (const { name, path: within, known } of unknown) {
      const has = known.length > 0 && known.length <= 5 ? `; it has ${known.join(', ')}` : '';
      this.problem([...path, ...within], `\${${name}} is undefined: the row has no ${name}${has}`);
    }
    if (unknown.length > 0) return [];
    let isWhole = true;
    const parsed = parseAll(this.parts.schema, raw, (issues) => {
      isWhole = false;
      this.problems.push(
        ...schemaProblems(issues, {
          ...this.parts,
          base: path,
          passed: [FORBIDDEN],
          cureFor: misplacedIn(this.parts.vocabulary),
        }),
      );
    });
    return parsed === null ? [] : [this.#case(parsed as RawCase, path, base, isWhole)];
  }

  /** @param isWhole whether no invalid keys were removed, so that a missing key is really absent */
  #case(raw: RawCase, path: KeyPath, defaults: Base, isWhole: boolean): TestCase {
    const base = { ...defaults, intervalMs: this.duration(raw.interval, [...path, 'interval'], defaults.intervalMs) };
    const { recording = null, intervals, expect } = raw;
    if (expect !== undefined && intervals !== undefined)
      this.problem([...path, 'expect'], 'with intervals, put expect inside each interval');
    if (recording !== null && raw.history !== undefined)
      this.problem([...path, 'history'], 'history cannot be set for a recording');
    if (recording !== null && !INDEPENDENT_OF_ZONE.test(recording.at))
      this.problem(
        [...path, 'recording', 'at'],
        `${JSON.stringify(recording.at)} means another moment in another time zone: write it in UTC with a Z, or as +5min from the beginning`,
      );
    const ownGuests = this.guests(raw.guests ?? {}, [...path, 'guests']);
    const own = this.entity('host', raw.host ?? {}, [...path, 'host']);
    const start =
      recording === null
        ? { host: merged(base.host, own), guests: this.#withDefaults(ownGuests, base) }
        : { host: own, guests: ownGuests };
    const steps: Step[] = [];
    if (intervals === undefined)
      steps.push({ afterMs: base.intervalMs, ...start, expect: this.expect(expect, [...path, 'expect']) });
    const known = new Set([...start.guests].flatMap(([name, given]) => (given === null ? [] : [name])));
    for (const [at, interval] of (intervals ?? []).entries()) {
      const step = this.#interval(interval, [...path, 'intervals', at], base, recording === null ? known : null);
      steps.push(
        at === 0
          ? { ...step, host: merged(start.host, step.host), guests: mergedGuests(start.guests, step.guests) }
          : step,
      );
    }
    this.#checkLists(steps, recording !== null, path);
    if (recording === null) this.#checkGuests(steps, intervals !== undefined, path);
    if (isWhole && steps.every((step) => step.expect === null))
      this.problem(path, 'has no expectations: add expect, which can be "nothing"');
    return {
      name: raw.name,
      line: this.parts.yaml.valueAt(path).line,
      params: mergeOverrides(this.params(raw.params, [...path, 'params']), base.params),
      history: raw.history ?? base.history,
      vars: this.vars(raw.vars, [...path, 'vars']),
      recording,
      steps,
    };
  }

  #withDefaults(
    own: ReadonlyMap<string, Given | null>,
    { guests, everyGuest }: Base,
  ): ReadonlyMap<string, Given | null> {
    return new Map(
      [...new Set([...guests.keys(), ...own.keys()])].map((name) => {
        const given = own.has(name) ? own.get(name) : guests.get(name);
        return [name, given ? merged(everyGuest, merged(guests.get(name) ?? NOTHING_GIVEN, given)) : null] as const;
      }),
    );
  }

  /** @param known guests of earlier steps: new guests start with the common values; null in a recording, which contains all guests */
  #interval(raw: RawInterval, path: KeyPath, base: Base, known: Set<string> | null): Step {
    const guests = new Map(
      [...this.guests(raw.guests ?? {}, [...path, 'guests'])].map(([name, given]) => {
        const isNew = known !== null && !known.has(name);
        if (given === null) known?.delete(name);
        else known?.add(name);
        return [name, given !== null && isNew ? merged(base.everyGuest, given) : given] as const;
      }),
    );
    return {
      afterMs: this.duration(raw.after, [...path, 'after'], base.intervalMs),
      host: this.entity('host', raw.host ?? {}, [...path, 'host']),
      guests,
      expect: this.expect(raw.expect, [...path, 'expect']),
    };
  }

  /** A list gives earlier samples too, so it is valid only in the first step: later, it would be cut silently. */
  #checkLists(steps: readonly Step[], isRecorded: boolean, path: KeyPath): void {
    const there = new Set<string>();
    for (const [at, { host, guests }] of steps.entries()) {
      const where = at === 0 ? path : [...path, 'intervals', at];
      if (isRecorded || at > 0) this.#checkOneSample(host, [...where, 'host'], isRecorded);
      for (const [name, given] of guests) {
        if (given !== null && (isRecorded || there.has(name)))
          this.#checkOneSample(given, [...where, 'guests', name], isRecorded);
        if (given === null) there.delete(name);
        else there.add(name);
      }
    }
  }

  /** Expectations of guests that are not there. */
  #checkGuests(steps: readonly Step[], hasIntervals: boolean, path: KeyPath): void {
    const there = new Set<string>();
    for (const [at, { guests, expect }] of steps.entries()) {
      for (const [name, given] of guests) {
        if (given === null) there.delete(name);
        else there.add(name);
      }
      const own = [...path, ...(hasIntervals ? ['intervals', at] : []), 'expect'];
      for (const [within, names] of [
        [['guests'], expect?.guests.keys() ?? []],
        [['vars', 'guests'], expect?.vars.guests.keys() ?? []],
      ] as const) {
        for (const name of names) if (!there.has(name)) this.noGuest([...own, ...within, name], name, [...there]);
      }
    }
  }

  #checkOneSample({ fields }: Given, path: KeyPath, isRecorded: boolean): void {
    for (const [name, values] of fields) {
      if (values.length > 1)
        this.problem(
          [...path, name],
          `a list stands for the samples before the first interval; ${isRecorded ? 'the recording has them' : 'give one value here'}`,
        );
    }
  }
}

interface Base {
  readonly host: Given;
  readonly everyGuest: Given;
  readonly guests: ReadonlyMap<string, Given | null>;
  readonly intervalMs: number;
  readonly history: number;
  readonly params: readonly PlacedOverride[];
}

/** Merges two sets of values; the later one wins for each field. */
export function merged(first: Given, then: Given): Given {
  return {
    fields: new Map([...first.fields, ...then.fields]),
    props: { ...first.props, ...then.props },
    past: new Map([...first.past, ...then.past]),
  };
}

function mergedGuests(
  first: ReadonlyMap<string, Given | null>,
  then: ReadonlyMap<string, Given | null>,
): ReadonlyMap<string, Given | null> {
  return new Map([
    ...first,
    ...[...then].map(
      ([name, given]) => [name, given === null ? null : merged(first.get(name) ?? NOTHING_GIVEN, given)] as const,
    ),
  ]);
}
