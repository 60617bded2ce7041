import { describe, expect, it } from 'vitest';
import { builtinPlugins } from '../../../../src/compose/plugins.ts';
import { EMPTY_MEMORY } from '../../../../src/model/memory.ts';
import { evaluate, loadPolicy, renderDiagnostics, valueText } from '../../../../src/policy/index.ts';
import { BUILTIN_LIST } from '../../../../src/policy/builtins/builtins.ts';
import type { Example } from '../../../../src/policy/builtins/declare.ts';
import { FUNCTION_VALUES } from '../../../../src/policy/builtins/function-values.ts';
import { METHOD_LIST } from '../../../../src/policy/builtins/methods.ts';
import { EXAMPLE_INPUT } from '../../../../src/tooling/reference/world.ts';

const { vocabulary } = builtinPlugins();
const described = [...BUILTIN_LIST, ...FUNCTION_VALUES.values(), ...METHOD_LIST];
const examples = described.flatMap(({ name, examples: own }) => own.map((example) => [name, example] as const));

describe('the examples of the reference', () => {
  it.each(described.map((each) => [each.name, each] as const))('%s has an example', (_, each) => {
    expect(each.examples.length).toBeGreaterThan(0);
  });

  it.each(examples)('%s: $policy', (name, { policy, value, asks }: Example) => {
    const sources = [{ file: name, text: policy }];
    const { program, diagnostics } = loadPolicy(sources, { vocabulary });
    if (program === null) throw new Error(renderDiagnostics(diagnostics, sources));
    expect(
      renderDiagnostics(
        diagnostics.filter(({ code }) => code !== 'constant-condition'),
        sources,
      ),
    ).toBe('');
    const { results, decision } = evaluate(program, EXAMPLE_INPUT, EMPTY_MEMORY, { collectResults: true });
    expect(decision.errors).toEqual([]);
    expect(valueText(results.at(-1)!)).toBe(value);
    if (asks !== undefined) {
      const requests = decision.requests.map(
        ({ guest, name: control, value: to, reason }) => `${guest?.name ?? 'Host'} ${control} = ${to}: ${reason}`,
      );
      expect(requests).toContain(asks);
    }
  });
});
