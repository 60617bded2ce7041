import { builtinPlugins } from '../src/compose/plugins.ts';
import { EMPTY_MEMORY } from '../src/model/memory.ts';
import { evaluate, Tracer } from '../src/policy/index.ts';
import { benchInput } from './inputs.ts';
import { pairwise } from './measure.ts';
import { shippedProgram } from './programs.ts';

/** Compares evaluating mom-balloon.policy and mom-ksm.policy with and without a tracer, which records every expression. */
export function benchTrace(): string[][] {
  const { vocabulary } = builtinPlugins();
  const programOf = () => shippedProgram(vocabulary, 'mom-balloon', 'mom-ksm');
  // Two programs, so that the JIT compiler sees each one used in only one way, as in a daemon or a test.
  const [traced, plain] = [programOf(), programOf()];
  const tracer = new Tracer();
  return [10, 100, 1000].flatMap((guests) =>
    [true, false].map((short) => {
      const input = benchInput(vocabulary, guests, short);
      const withTracer = () => evaluate(traced, input, EMPTY_MEMORY, { tracer });
      const without = () => evaluate(plain, input, EMPTY_MEMORY);
      const { oursMs, baselineMs, ratio } = pairwise(withTracer, without, 41, Math.ceil(20_000 / guests));
      const micros = (ms: number) => `${((ms * 1000) / guests).toFixed(2)} µs`;
      return [
        `${guests} guests, host ${short ? 'short' : 'not short'} of memory`,
        micros(oursMs),
        micros(baselineMs),
        ratio.toFixed(2),
      ];
    }),
  );
}
