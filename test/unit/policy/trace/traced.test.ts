import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runCase } from '../../../../src/cli/handlers/eval-cases.ts';
import { builtinPlugins } from '../../../../src/compose/plugins.ts';
import { defaultConfig } from '../../../../src/compose/config.ts';
import { replay } from '../../../../src/engine/replay.ts';
import { EMPTY_MEMORY } from '../../../../src/model/memory.ts';
import { everythingIn } from '../../../../src/policy/forms/parts.ts';
import { Expander } from '../../../../src/policy/forms/expand.ts';
import { Generator } from '../../../../src/policy/compile/generate.ts';
import { evaluate, loadPolicy, Tracer, type Program } from '../../../../src/policy/index.ts';
import { gatherNames } from '../../../../src/policy/forms/names.ts';
import { Paths } from '../../../../src/policy/image/paths.ts';
import { NONE, TraceTable, type Frame } from '../../../../src/policy/trace/index.ts';
import { spanText } from '../../../../src/policy/text/source.ts';
import { openRecording } from '../../../../src/recording/reader.ts';
import { inputOf } from '../support.ts';

const CASES = new URL('../../../cases/', import.meta.url);
const POLICIES = new URL('../../../../policies/', import.meta.url);
const DEMO = new URL('../../../recordings/demo.jsonl.gz', import.meta.url).pathname;

const linesOf = (file: string): string[] =>
  readFileSync(new URL(file, CASES), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
const shipped = readdirSync(POLICIES).filter((file) => file.endsWith('.policy'));
const sourceOf = (file: string) => ({ file, text: readFileSync(new URL(file, POLICIES), 'utf8') });

function load(text: string): Program {
  const { program } = loadPolicy([{ file: 'p', text }]);
  if (program === null) throw new Error('the policy does not load');
  return program;
}

describe('tracing does not change decisions', () => {
  test.each(readdirSync(CASES).filter((name) => /^(language|entit|ext).*\.jsonl$/.test(name)))('%s', (file) => {
    const tracer = new Tracer();
    for (const line of linesOf(file)) expect(runCase(line, { tracer }), line).toEqual(runCase(line));
  });

  test('evaluation.jsonl, including steps', () => {
    for (const line of linesOf('evaluation.jsonl')) {
      const {
        files,
        host,
        guests,
        onError = 'isolate',
      } = JSON.parse(line) as {
        files: Record<string, string>;
        host?: Record<string, number>;
        guests?: Record<string, Record<string, number>>;
        onError?: 'isolate' | 'abort';
      };
      const sources = Object.entries(files).map(([name, text]) => ({ file: name, text }));
      const input = inputOf(host, guests);
      const run = (options: { readonly tracer?: Tracer }) =>
        evaluate(loadPolicy(sources).program!, input, EMPTY_MEMORY, { onError, collectResults: true, ...options });
      expect(run({ tracer: new Tracer() }), line).toEqual(run({}));
    }
  });

  test.each(shipped)('%s on the demo recording', async (file) => {
    const plugins = builtinPlugins();
    const run = async (tracer: Tracer | null) => {
      const { program } = loadPolicy([sourceOf(file)], { vocabulary: plugins.vocabulary });
      const output: unknown[] = [];
      const debug = (...args: unknown[]) => output.push(args);
      const recording = await openRecording(DEMO, { onCutOff: (message) => output.push(message) });
      const evaluateWith = { debug, ...(tracer && { tracer }) };
      const options = {
        program: program!,
        planners: plugins,
        settings: defaultConfig().pluginSettings,
        policyIntervalMs: null,
        labels: (_name: string, own: string) => own,
      };
      for await (const { judgement } of replay(recording, { ...options, evaluate: evaluateWith }))
        output.push(judgement);
      return output;
    };
    const plain = await run(null);
    expect(plain.length).toBeGreaterThan(90);
    expect(await run(new Tracer())).toEqual(plain);
  });
});

describe('a tracer that has recorded evaluations of any size', () => {
  const program = load(
    `(def half (n) (/ n 2))
     (defvar big (> Host.free 50))
     (if big (debug "big") (debug "small"))
     (map (* (list 1 2 3) Host.free) n (if (> n 1) (half n) (half 10)))
     (with Guests vm (if (> vm.free Host.free) (vm.Control "balloon_target" (half vm.free)) (/ 1 0)))
     (if big (half 3) (half 5))`,
  );
  const GUESTS = { a: { free: 10 }, b: { free: 400 } };

  /** Each evaluated body with its values, in the order of the calls. */
  const recorded = (tracer: Tracer): unknown => {
    const { frames, failures } = tracer.read();
    return {
      frames: frames.map(({ body, caller, recorded: values }) => [body, caller, ...values].join(' ')),
      failures: failures.map(({ id, frame }) => [id, frame.body]),
    };
  };

  test.each([
    [1, 1],
    [400, 1],
    [400, 1, 400, 2],
    [1, 3000, 60, 3000, 1],
    [200, 210, 220, 230, 240, 1, 500],
  ])('records the next one as a new tracer does: %j', (...sizes) => {
    const used = new Tracer();
    for (const free of sizes) {
      const input = inputOf({ free }, GUESTS);
      const plain = evaluate(program, input, EMPTY_MEMORY, { collectResults: true });
      const fresh = new Tracer();
      expect(evaluate(program, input, EMPTY_MEMORY, { collectResults: true, tracer: fresh })).toEqual(plain);
      expect(evaluate(program, input, EMPTY_MEMORY, { collectResults: true, tracer: used })).toEqual(plain);
      expect(recorded(used), String(free)).toEqual(recorded(fresh));
    }
  });
});

describe('traced code', () => {
  /** The generated functions of a program as text. */
  const textOf = (sources: readonly { file: string; text: string }[], traced: boolean): string[] => {
    const { program } = loadPolicy(sources);
    const names = gatherNames(everythingIn(program!.expressions.flat()), new Expander());
    const generator = new Generator(
      names,
      new Paths(program!.expressions.flat(), names),
      new Set(),
      traced ? new TraceTable(program!.expressions) : null,
    );
    for (const file of program!.expressions) generator.file(file);
    return generator.units;
  };
  const TRACING =
    /^(?:const T = m\.tracer|const B = T\.|T\.current = |N\[B \+|if \(typeof \w+ === "number"\) N\[B \+|\{ N\[B \+)/;
  const without = (unit: string): string =>
    unit
      .split('\n')
      .filter((line) => !TRACING.test(line))
      .join('\n');

  test.each(shipped)('%s: the untraced code plus lines that only record', (file) => {
    const plain = textOf([sourceOf(file)], false);
    expect(
      plain
        .join('\n')
        .split('\n')
        .filter((line) => TRACING.test(line)),
    ).toEqual([]);
    const traced = textOf([sourceOf(file)], true);
    expect(traced.map(without)).toEqual(plain);
    expect(traced).not.toEqual(plain);
  });
});

describe('traces', () => {
  const traceOf = (text: string, guests: Record<string, Record<string, number | null>> = {}) => {
    const program = load(text);
    const tracer = new Tracer();
    const { diagnostics } = evaluate(program, inputOf({ free: 10 }, guests), EMPTY_MEMORY, { tracer });
    const { top, failures } = tracer.read();
    const { table } = tracer;
    const ids = new Map(table.expressions.map(({ span }, id) => [spanText(span), id] as const).reverse());
    const idOf = (part: string) => ids.get(part) ?? -1;
    return {
      top,
      failures,
      table,
      idOf,
      diagnostics,
      text: (id: number) => (id === NONE ? '' : spanText(table.expression(id).span)),
    };
  };
  const value = ({ idOf }: ReturnType<typeof traceOf>, frame: Frame | undefined, part: string) =>
    frame?.value(idOf(part));

  test('contain the value of each expression that ran, and no others', () => {
    const trace = traceOf('(defvar x (+ 1 2)) (if (> x 2) (* x 10) (* x 20))');
    expect(value(trace, trace.top, '(+ 1 2)')).toBe(3);
    expect(value(trace, trace.top, '(> x 2)')).toBe(true);
    expect(value(trace, trace.top, '(* x 10)')).toBe(30);
    expect(value(trace, trace.top, '(* x 20)')).toBeUndefined();
    expect(value(trace, trace.top, '(if (> x 2) (* x 10) (* x 20))')).toBe(30);
  });

  test('contain special numbers and other values', () => {
    const text =
      '(defvar big (* 1e308 10)) (defvar none (- big big)) (defvar huge (<< 1 2000)) (defvar word (+ "a" "b")) (defvar most 1.7976931348623157e308) (not 1) (+ most 0)';
    const trace = traceOf(text);
    expect(value(trace, trace.top, '(* 1e308 10)')).toBe(Infinity);
    expect(value(trace, trace.top, '(- big big)')).toBeNaN();
    expect(value(trace, trace.top, '(<< 1 2000)')).toBe(1n << 2000n);
    expect(value(trace, trace.top, '(+ "a" "b")')).toBe('ab');
    expect(value(trace, trace.top, '(not 1)')).toBe(false);
    expect(value(trace, trace.top, '(+ most 0)')).toBe(Number.MAX_VALUE);
  });

  test('contain separate values for each call and each iteration', () => {
    const trace = traceOf('(def f (n) (if (< n 1) 0 (+ n (f (- n 1))))) (with Guests vm (f vm.m))', {
      a: { m: 2 },
      b: { m: 0 },
    });
    const [a, b] = trace.top.children;
    expect([a, b].map((turn) => (turn!.item as { label: string }).label)).toEqual(['guest a', 'guest b']);
    expect(trace.text(a!.caller)).toBe('(with Guests vm (f vm.m))');
    const [outer] = a!.children;
    expect(trace.text(outer!.caller)).toBe('(f vm.m)');
    expect(value(trace, outer, '(+ n (f (- n 1)))')).toBe(3);
    expect(value(trace, outer?.children[0], '(+ n (f (- n 1)))')).toBe(1);
    expect(value(trace, outer?.children[0]?.children[0], '(< n 1)')).toBe(true);
    expect(value(trace, b!.children[0], '(if (< n 1) 0 (+ n (f (- n 1))))')).toBe(0);
  });

  test('contain an error with its position and the values before it; the next guest continues', () => {
    const trace = traceOf('(def f (vm) (+ vm.m 1)) (with Guests vm (f vm)) (with Guests vm (* vm.n 2))', {
      a: { m: null, n: 1 },
      b: { m: 5, n: 2 },
    });
    expect(trace.diagnostics).toHaveLength(1);
    const [failure] = trace.failures;
    expect(trace.text(failure!.id)).toBe('(+ vm.m 1)');
    expect(value(trace, failure!.frame, 'vm.m')).toBeNull();
    expect(trace.top.children.map((turn) => value(trace, turn, '(f vm)'))).toEqual([
      undefined,
      6,
      undefined,
      undefined,
    ]);
    expect(trace.top.children.map((turn) => value(trace, turn, '(* vm.n 2)'))).toEqual([undefined, undefined, 2, 4]);
  });

  test('contain thousands of iterations, and functions larger than a chunk', () => {
    const large = `{ ${Array.from({ length: 5_000 }, (_, n) => `(+ n ${n})`).join(' ')} }`;
    const guests = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, n) => [`g${String(n).padStart(4, '0')}`, { m: n }]),
    );
    const trace = traceOf(`(def f (n) ${large}) (with Guests vm (if (< vm.m 20) (f vm.m) (- vm.m 1)))`, guests);
    expect(trace.top.children).toHaveLength(2_000);
    for (const [n, turn] of trace.top.children.entries()) {
      expect(value(trace, turn, '(f vm.m)')).toBe(n < 20 ? n + 4_999 : undefined);
      expect(value(trace, turn.children[0], '(+ n 7)')).toBe(n < 20 ? n + 7 : undefined);
      expect(value(trace, turn, '(- vm.m 1)')).toBe(n < 20 ? undefined : n - 1);
    }
  });

  test('a tracer holds only the last evaluation', () => {
    const program = load('(if (> Host.free 5) (+ 1 1) (+ 2 2))');
    const tracer = new Tracer();
    evaluate(program, inputOf({ free: 10 }), EMPTY_MEMORY, { tracer });
    evaluate(program, inputOf({ free: 1 }), EMPTY_MEMORY, { tracer });
    const recorded = [...tracer.read().top.recorded].map(([id, each]) => [
      spanText(tracer.table.expression(id).span),
      each,
    ]);
    expect(recorded).toEqual([
      ['Host.free', 1],
      ['(> Host.free 5)', false],
      ['(+ 2 2)', 4],
    ]);
  });
});
