import { fail, ok, strictEqual } from 'node:assert/strict';
import { getHeapStatistics } from 'node:v8';
import { EMPTY_MEMORY, remember, type PolicyMemory } from '../../src/model/memory.ts';
import type { PolicyScalar } from '../../src/model/control.ts';
import type { PolicyInput } from '../../src/model/snapshot.ts';
import { evaluate, loadPolicy, type Evaluation, type Program } from '../../src/policy/index.ts';
import { DEFAULT_LIMITS } from '../../src/policy/limits/limits.ts';

/** Milliseconds for one file: large enough that a tenth of it is more than one garbage collection. */
const TIME_MS = 1_000;
const MOST_TIME = 1.1;
const MOST_BYTES = 256 * 1_048_576;
/** Attempts at a measurement: other processes disturb the clock. */
const ATTEMPTS = 3;

/**
 * What leaves an evaluation is bounded, whatever the program, and so are its steps, which are the same each time.
 * @param measured also measure time and memory, which depend on the machine
 */
export function staysWithinBounds(texts: readonly string[], input: PolicyInput, measured: boolean): void {
  const sources = texts.map((text, index) => ({ file: `file ${index}`, text }));
  const { program } = loadPolicy(sources, { limits: { timeMs: TIME_MS } });
  if (program === null) return fail('the program does not load');
  const steps = DEFAULT_LIMITS.steps + DEFAULT_LIMITS.stepsPerGuest * input.guests.length;
  let memory = EMPTY_MEMORY;
  for (let round = 0; round < 2; round += 1) {
    let printed = 0;
    const evaluation = evaluate(program, input, memory, { debug: (text) => (printed += text.length) });
    // The operation that reaches the limit counts too, but is not carried out.
    ok(evaluation.steps <= 5 * steps * texts.length, `${evaluation.steps} steps`);
    ok(printed + sizeOf(evaluation) <= 2 * DEFAULT_LIMITS.outputLength, `${printed + sizeOf(evaluation)} characters`);
    strictEqual(evaluate(program, input, memory).steps, evaluation.steps);
    if (measured) measure(program, input, memory, texts.length);
    memory = remember(memory, evaluation.writes);
    ok(keptSize(memory) <= 2 * DEFAULT_LIMITS.keptSize, `${keptSize(memory)} values and characters are kept`);
  }
}

function measure(program: Program, input: PolicyInput, memory: PolicyMemory, files: number): void {
  let found = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const heapBefore = getHeapStatistics().used_heap_size;
    let most = heapBefore;
    const clock = (): number => {
      most = Math.max(most, getHeapStatistics().used_heap_size);
      return performance.now();
    };
    const start = clock();
    evaluate(program, input, memory, { clock });
    const ms = clock() - start;
    if (most - heapBefore > MOST_BYTES) found = `${Math.round((most - heapBefore) / 1_048_576)} MiB`;
    else if (ms > TIME_MS * MOST_TIME * files) found = `${Math.round(ms)} ms for ${files} files`;
    else return;
  }
  fail(`the evaluation took ${found}`);
}

/** The UTF-16 units of a decision, as written to a recording. */
function sizeOf({ decision }: Evaluation): number {
  const requested = decision.requests.map(
    ({ name, value, reason }) => name.length + units(value) + (reason?.length ?? 0),
  );
  return [...requested, ...decision.errors.map(({ message }) => message.length)].reduce(
    (sum, length) => sum + length,
    0,
  );
}

function keptSize({ host, guests }: PolicyMemory): number {
  return [host, ...guests.values()].reduce(
    (sum, variables) => [...variables].reduce((size, [name, value]) => size + name.length + units(value), sum),
    0,
  );
}

function units(value: PolicyScalar): number {
  if (typeof value === 'string') return value.length;
  return Array.isArray(value)
    ? (value as readonly PolicyScalar[]).reduce<number>((sum, item) => sum + units(item), 1)
    : 1;
}
