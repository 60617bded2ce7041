import { readFileSync } from 'node:fs';
import { builtinPlugins } from '../src/compose/plugins.ts';
import { EMPTY_MEMORY } from '../src/model/memory.ts';
import { evaluate, loadPolicy } from '../src/policy/index.ts';
import { decideByHand } from './hand-written.ts';
import { benchInput } from './inputs.ts';
import { pairwise } from './measure.ts';

/** Compares evaluating mom-balloon.policy and mom-ksm.policy with a TypeScript function that makes the same decisions. */
export function benchPolicy(): string[][] {
  const { vocabulary } = builtinPlugins();
  const sources = ['mom-balloon', 'mom-ksm'].map((name) => {
    const file = new URL(`../policies/${name}.policy`, import.meta.url);
    return { file: `${name}.policy`, text: readFileSync(file, 'utf8') };
  });
  const { program } = loadPolicy(sources, { vocabulary });
  if (program === null) throw new Error('the shipped policies do not load');
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
