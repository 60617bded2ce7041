import { vocabularyFor } from '../../../../src/compose/vocabulary.ts';
import { EMPTY_MEMORY } from '../../../../src/model/memory.ts';
import { BUILTIN_LIST } from '../../../../src/policy/builtins/builtins.ts';
import { evaluate, loadPolicy } from '../../../../src/policy/index.ts';
import { EXAMPLE_INPUT } from '../../../../src/tooling/reference/world.ts';

export interface FaultyPolicies {
  /** They load, fail when they are evaluated, and also ask for a balloon target, which must not be carried out. */
  readonly failing: readonly string[];
  /** They do not load. */
  readonly broken: readonly string[];
}

/** Expressions that load and fail: a division by zero, and an addition of nil. */
const ERRORS = ['(/ 1 (- 1 1))', '(+ 1 (Host.GetVar "never set"))'];

/** Calls that no signature describes, with the error in one place. */
const MORE_CALLS = [
  '(let ((NAME 1)) (set NAME ERROR))',
  '(ENTITY.SetVar "x" ERROR)',
  '(ENTITY.SetVar ERROR 1)',
  '(ENTITY.GetVar ERROR)',
  '(ENTITY.Prop ERROR)',
  '(ENTITY.StatAvg ERROR)',
  '(ENTITY.Control "CONTROL" ERROR)',
  '(ENTITY.Control ERROR 1)',
];

/**
 * Policies with an error in every position of every form and function, as the first thing that a policy does and in the body of a loop
 * over the guests, and each of them within another. Only those that fail in the world of the examples; in the others the error is in a
 * branch that is not taken.
 */
export async function faultyPolicies(): Promise<FaultyPolicies> {
  const vocabulary = await vocabularyFor(null);
  const failing: string[] = [];
  const broken: string[] = [];
  for (const [number, expression] of expressions().entries()) {
    const bait = '(vm.Control "balloon_target" (* 0.9 vm.balloon_cur))';
    const at = (entity: string): string =>
      expression
        .replaceAll('ERROR', ERRORS[number % ERRORS.length]!)
        .replaceAll('ENTITY', entity)
        .replaceAll('CONTROL', entity === 'Host' ? 'ksm_run' : 'balloon_target')
        .replaceAll('NAME', `name_${failing.length}`);
    for (const text of [
      `${at('Host')} (with Guests vm ${bait})`,
      `(with Guests vm { ${bait} ${at('vm')} })`,
      `(with Guests vm { (if 1 { ${at('vm')} } 0) ${bait} })`,
    ]) {
      const { program } = loadPolicy([{ file: 'p', text }], { vocabulary });
      if (program === null) {
        broken.push(text);
        continue;
      }
      const { decision } = evaluate(program, EXAMPLE_INPUT, EMPTY_MEMORY);
      if (decision.errors.length > 0 && decision.requests.length === 0) failing.push(text);
    }
  }
  return { failing, broken };
}

/** Each form and function with the error in each of its places. */
function expressions(): readonly string[] {
  const calls = BUILTIN_LIST.flatMap(({ name, signature }) => {
    const all = [...places(signature), ...places(signature, '(== 1 2)')];
    return name === 'def' || name === 'defun' ? all.map((call) => `${call} (NAME 1)`) : all;
  });
  return [...new Set([...calls, ...MORE_CALLS, ...ERRORS])];
}

/** A placeholder of a signature. */
const PLACE = /"LABEL"|"doc"|\b[A-Z]+\b/g;

/** The calls of a signature such as `(if CONDITION THEN ELSE)`, with the error in one place each. */
function places(signature: string, condition = '(== 1 1)'): readonly string[] {
  return signature.split(/(?<=\)) (?=\()/).flatMap((call) => {
    const plain = call.replaceAll(' …', '');
    return Array.from({ length: [...plain.matchAll(PLACE)].length }, (_, chosen) => {
      let at = 0;
      return plain.replaceAll(PLACE, (word) => (at++ === chosen ? 'ERROR' : filled(word, condition)));
    });
  });
}

function filled(word: string, condition: string): string {
  switch (word) {
    case 'NAME':
      return 'NAME';
    case 'PARAMETER':
      return 'p';
    case 'CONDITION':
    case 'TEST':
      return condition;
    case 'LIST':
      return '(list 1 2)';
    case 'TEXT':
    case 'START':
    case 'PATTERN':
      return '"a"';
    case 'DURATION':
      return '30s';
    case 'GUEST':
      return '(first Guests)';
    case '"LABEL"':
    case '"doc"':
      return word;
    default:
      return '1';
  }
}
