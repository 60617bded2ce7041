import { builtinPlugins } from '../src/compose/plugins.ts';
import { decide } from '../src/engine/decide.ts';
import { EMPTY_MEMORY } from '../src/model/memory.ts';
import { evaluate } from '../src/policy/index.ts';
import { decideByHand } from './hand-written.ts';
import { benchInput } from './inputs.ts';
import { pairwise } from './measure.ts';
import { shippedProgram } from './programs.ts';

/** Compares evaluating mom-balloon.policy and mom-ksm.policy with a TypeScript function that makes the same decisions. */
export function benchPolicy(): string[][] {
  const { vocabulary } = builtinPlugins();
  const program = shippedProgram(vocabulary, 'mom-balloon', 'mom-ksm');
  return [10, 100, 1000].flatMap((guests) =>
    [true, false].map((short) => {
      const input = benchInput(vocabulary, guests, short);
      const ours = () => evaluate(program, input, EMPTY_MEMORY);
      const baseline = () => decideByHand(input);
      assertSame(ours().decision.requests, baseline());
      const { oursMs, baselineMs, ratio } = pairwise(ours, baseline, 41, Math.ceil(20_000 / guests));
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

/** Evaluates balanced.policy, with what it remembers, beside mom-balloon.policy, on a host that has memory and on one that lacks it. */
export function benchBalanced(): string[][] {
  const { vocabulary } = builtinPlugins();
  const [balanced, mom] = [shippedProgram(vocabulary, 'balanced'), shippedProgram(vocabulary, 'mom-balloon')];
  return [10, 100, 1000].flatMap((guests) =>
    [true, false].map((short) => {
      const input = benchInput(vocabulary, guests, short, { freeShare: short ? 0.02 : 0.4 });
      const evaluated = decide(balanced, input, EMPTY_MEMORY);
      if (evaluated.decision.errors.length > 0) throw new Error(evaluated.decision.errors[0]!.message);
      let { memory } = evaluated;
      const ours = () => ({ memory } = decide(balanced, input, memory));
      const baseline = () => evaluate(mom, input, EMPTY_MEMORY);
      const { oursMs, baselineMs, ratio } = pairwise(ours, baseline, 41, Math.ceil(5000 / guests));
      const micros = (ms: number) => `${((ms * 1000) / guests).toFixed(2)} µs`;
      const title = `${guests} guests, host ${short ? 'short' : 'not short'} of memory, ${evaluated.decision.requests.length} requests`;
      return [title, micros(oursMs), micros(baselineMs), ratio.toFixed(1)];
    }),
  );
}

function assertSame(
  ours: readonly { name: string; value: unknown; reason: string | null }[],
  baseline: readonly { name: string; value: unknown; reason: string | null }[],
): void {
  const key = (requests: typeof ours) =>
    JSON.stringify(
      requests
        .map(({ name, value, reason }) => [name, typeof value === 'number' ? value.toPrecision(12) : value, reason])
        .sort(),
    );
  if (key(ours) !== key(baseline)) throw new Error('the policies and the function do not decide the same');
}
