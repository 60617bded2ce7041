import { readFileSync } from 'node:fs';
import type { Vocabulary } from '../src/model/vocabulary.ts';
import { loadPolicy, type Program } from '../src/policy/index.ts';

/** Loads shipped policies, by name, as one program: anew in each call, so that the JIT compiler sees each used in one way only. */
export function shippedProgram(vocabulary: Vocabulary, ...names: readonly string[]): Program {
  const sources = names.map((name) => {
    const file = new URL(`../policies/${name}.policy`, import.meta.url);
    return { file: `${name}.policy`, text: readFileSync(file, 'utf8') };
  });
  const { program } = loadPolicy(sources, { vocabulary });
  if (program === null) throw new Error(`${names.join(' and ')} do not load`);
  return program;
}
