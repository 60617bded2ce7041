import fc, { type Arbitrary, type IRawProperty } from 'fast-check';
import { deepStrictEqual, fail, ok, strictEqual } from 'node:assert/strict';
import { builtinPlugins } from '../../src/compose/plugins.ts';
import { EMPTY_MEMORY, remember } from '../../src/model/memory.ts';
import type { PolicyInput } from '../../src/model/snapshot.ts';
import type { FaultCode } from '../../src/policy/messages/catalogue.ts';
import {
  Callable,
  Coverage,
  describe,
  Entity,
  evaluate,
  isList,
  loadPolicy,
  renderDiagnostics,
  Tracer,
  type Diagnostic,
  type EvaluateOptions,
  type PolicySource,
  type Program,
  type Value,
} from '../../src/policy/index.ts';
import { assertLayout } from './layout.ts';
import { staysWithinBounds } from './cost-property.ts';
import { costly } from './costly.ts';
import { balancedSoup, few, laidOut, mutated, programs, realPolicies, soup, worlds } from './programs.ts';

/** Called with each text before it is tried, so that the text of a hanging trial is known. */
export type Watch = (text: string) => void;

export interface Target {
  readonly about: string;
  /** Percentage of all cases. */
  readonly share: number;
  /** @param measured also time and memory, which `npm test` does not depend on */
  readonly property: (watch: Watch, measured?: boolean) => IRawProperty<unknown>;
}

const VOCABULARY = few(builtinPlugins().vocabulary);
const TEXTS = realPolicies().map(({ text }) => text);
// Small limits, so that endless programs are stopped early.
const LIMITS = { steps: 20_000, stepsPerGuest: 1_000, callDepth: 200 };

/** For any text: no exception, termination, the same result each time and with a tracer, valid positions in all diagnostics; and valid formatting. */
function survives(texts: readonly string[], input: PolicyInput): void {
  const sources = texts.map((text, index) => ({ file: `file ${index}`, text }));
  for (const vocabulary of [undefined, VOCABULARY]) {
    const { program, diagnostics } = loadPolicy(sources, { limits: LIMITS, ...(vocabulary && { vocabulary }) });
    strictEqual(
      program === null,
      diagnostics.some(({ severity }) => severity === 'error'),
    );
    assertPositions([...diagnostics, ...(program ? evaluated(program, input) : [])], sources);
  }
  texts.forEach(assertLayout);
}

function evaluated(program: Program, input: PolicyInput): readonly Diagnostic[] {
  const run = (options: EvaluateOptions = {}) => {
    const evaluation = evaluate(program, input, EMPTY_MEMORY, { collectResults: true, ...options });
    return { ...evaluation, results: evaluation.results.map(comparable) };
  };
  const evaluation = run();
  strictEqual(evaluation.decision.errors.length, evaluation.diagnostics.length);
  deepStrictEqual(run(), evaluation);
  const tracer = new Tracer();
  deepStrictEqual(run({ tracer }), evaluation);
  const coverage = new Coverage(program);
  coverage.add(tracer);
  for (const { expressions, branches } of coverage.report().files) {
    ok(expressions.ran <= expressions.total);
    ok(branches.taken <= branches.total);
  }
  return evaluation.diagnostics;
}

/** Describes functions and entities, which are new objects in every evaluation. */
export function comparable(value: Value): unknown {
  if (isList(value)) return value.map(comparable);
  return value instanceof Callable || value instanceof Entity ? describe(value) : value;
}

function assertPositions(diagnostics: readonly Diagnostic[], sources: readonly PolicySource[]): void {
  for (const { span, position, end, message } of diagnostics) {
    const source = sources.find(({ file }) => file === position?.file);
    if (!source || !span || !position || !end) return fail(`no position: ${message}`);
    ok(span.start >= 0 && span.end >= span.start && span.end <= source.text.length, message);
    const before = source.text.slice(0, span.start).split(/\r\n|\r|\n/);
    deepStrictEqual([position.line, position.column], [before.length, (before.at(-1) ?? '').length + 1]);
  }
  strictEqual(typeof renderDiagnostics(diagnostics, sources), 'string');
}

/** Run-time errors that the checker does not exclude, as documented in docs/policy-language.md. */
const UNCHECKED: ReadonlySet<FaultCode> = new Set([
  'division-by-zero',
  'not-whole',
  'negative-shift',
  'number-too-large',
  'control-range',
  'bad-format',
  'bad-pattern',
  'bad-window',
  'bad-bounds',
  'no-samples',
  'too-many-steps',
  'too-slow',
  'calls-too-deep',
  'text-too-long',
  'list-too-long',
  'list-too-deep',
  'value-too-large',
  'too-many-variables',
  'too-many-timers',
  'too-much-memory',
  'too-much-output',
  'too-much-kept',
]);
/** Warnings about possibly wrong types. */
const TYPE_WARNINGS: ReadonlySet<FaultCode> = new Set(['maybe-nil', 'mixed-type']);

/** The number of programs of the soundness target, and of those without findings of the checker. */
export const soundness = { all: 0, clean: 0 };

function staysSound(text: string, input: PolicyInput): void {
  soundness.all += 1;
  const { program, diagnostics } = loadPolicy([{ file: 'p', text }], { limits: LIMITS, vocabulary: VOCABULARY });
  if (program === null || diagnostics.some(({ code }) => TYPE_WARNINGS.has(code))) return;
  soundness.clean += 1;
  let memory = EMPTY_MEMORY;
  for (const timeMs of [input.timeMs, input.timeMs + 60_000]) {
    const evaluation = evaluate(program, { ...input, timeMs }, memory);
    const at = evaluation.diagnostics.findIndex(({ code }) => !UNCHECKED.has(code));
    // After an error, the body of a guest has the value nil; later errors can follow from that, so ignore them.
    const unexpected = evaluation.diagnostics.slice(0, at).some(({ guest }) => guest !== null)
      ? undefined
      : evaluation.diagnostics[at];
    if (unexpected)
      fail(`the checker found nothing wrong with it:\n${renderDiagnostics([unexpected], [{ file: 'p', text }])}`);
    memory = remember(memory, evaluation.writes);
  }
}

function isNotAccused(text: string): void {
  const { diagnostics } = loadPolicy([{ file: 'p', text }], { vocabulary: VOCABULARY });
  // Random programs may use a value that a surrounding test proves to be nil; reporting that is correct.
  const isOfNil = (message: string): boolean => /\bnil\b/.test(message);
  const error = diagnostics.find(
    ({ severity, code, message }) => severity === 'error' && !UNCHECKED.has(code) && !isOfNil(message),
  );
  if (error)
    fail(`the checker finds an error where all kinds are right:\n${renderDiagnostics([error], [{ file: 'p', text }])}`);
}

const world = worlds(VOCABULARY);
const trial = (texts: Arbitrary<readonly string[]>, watch: Watch): IRawProperty<unknown> =>
  fc.property(texts, world, (all, input) => {
    watch(all.join('\n'));
    survives(all, input);
  }) as IRawProperty<unknown>;
const alone = (text: Arbitrary<string>): Arbitrary<readonly string[]> => text.map((each) => [each]);

export const TARGETS: Readonly<
  Record<
    'characters' | 'bytes' | 'soup' | 'balanced' | 'mutated' | 'generated' | 'soundness' | 'accusations' | 'cost',
    Target
  >
> = {
  characters: {
    about: 'any characters',
    share: 5,
    property: (watch) => trial(alone(fc.string({ unit: 'binary', maxLength: 300 })), watch),
  },
  bytes: {
    about: 'any bytes, read as UTF-8',
    share: 5,
    property: (watch) =>
      trial(alone(fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes).toString('utf8'))), watch),
  },
  soup: {
    about: 'any sequence of what the language is made of',
    share: 10,
    property: (watch) =>
      trial(alone(fc.tuple(soup, fc.constantFrom('', ' ')).map(([words, between]) => words.join(between))), watch),
  },
  balanced: {
    about: 'anything in brackets that are closed, with comments',
    share: 15,
    property: (watch) => trial(alone(balancedSoup.chain((words) => laidOut(words, true))), watch),
  },
  mutated: {
    about: 'two real policies with something changed, as one program',
    share: 25,
    property: (watch) => trial(fc.tuple(mutated(TEXTS), mutated(TEXTS)), watch),
  },
  generated: {
    about: 'programs, now and then with a wrong kind of value',
    share: 20,
    property: (watch) =>
      trial(alone(programs(VOCABULARY, { wrongKinds: 10 }).chain((words) => laidOut(words, true))), watch),
  },
  soundness: {
    about: 'programs that the checker finds nothing wrong with have no error of types when they run',
    share: 15,
    property: (watch) =>
      fc.property(programs(VOCABULARY, { known: true, wrongKinds: 2 }), world, (words, input) => {
        watch(words.join(' '));
        staysSound(words.join(' '), input);
      }) as IRawProperty<unknown>,
  },
  accusations: {
    about: 'programs in which all kinds are right have no errors for the checker',
    share: 4,
    property: (watch) =>
      fc.property(programs(VOCABULARY), (words) => {
        watch(words.join(' '));
        isNotAccused(words.join(' '));
      }) as IRawProperty<unknown>,
  },
  cost: {
    about: 'programs of expensive operations stay within their time, 256 MiB and the limits of what they give',
    share: 1,
    property: (watch, measured = false) =>
      fc.property(costly, world, (texts, input) => {
        watch(texts.join('\n'));
        staysWithinBounds(texts, input, measured);
      }) as IRawProperty<unknown>,
  },
};
