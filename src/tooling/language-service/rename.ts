import { type Analysis } from '../../policy/forms/analysis.ts';
import { within } from '../../policy/text/source.ts';
import type { Definition, Occurrence } from '../../policy/forms/occurrence.ts';
import { BUILTINS } from '../../policy/builtins/builtins.ts';
import { PREDEFINED } from '../../policy/builtins/function-values.ts';
import { METHODS } from '../../policy/builtins/methods.ts';
import { placeOf } from './navigate.ts';
import type { Edit, Place, PolicyProgram } from './program.ts';

/** Why a name cannot be renamed. */
export interface Refusal {
  readonly refused: string;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** Words with a meaning of their own that could stand in place of a name. */
const RESERVED: ReadonlySet<string> = new Set(['nil', 'else']);

/** The name under the cursor, if the policy defines it. */
export function renamable(program: PolicyProgram, file: string, offset: number): Place | Refusal {
  const found = target(program, file, offset);
  return 'refused' in found ? found : placeOf(found);
}

/** The edits, in all files, that rename a variable, parameter or function without changing the meaning of any text. */
export function rename(program: PolicyProgram, file: string, offset: number, to: string): readonly Edit[] | Refusal {
  const found = target(program, file, offset);
  if ('refused' in found) return found;
  if (to === found.name) return [];
  const clash =
    invalid(to) ??
    (found.kind === 'function' ? functionClash(program.analysis, to) : variableClash(program.analysis, found, to));
  if (clash !== null) return { refused: clash };
  return program.analysis.referencesOf(found).map((occurrence) => ({ ...placeOf(occurrence), text: to }));
}

const NOT_OURS: Readonly<Record<Exclude<Occurrence['kind'], 'variable' | 'function'>, string>> = {
  builtin: 'is a function of the language',
  method: 'is a method of the language',
  field: 'is a field defined by a collector',
  control: 'is a control defined by a controller',
  prop: 'is a built-in property',
  stored: 'is a stored variable: its stored values would be lost',
  keyword: 'is a keyword of the language',
  unknown: 'has no definition',
};

function target({ analysis }: PolicyProgram, file: string, offset: number): Occurrence | Refusal {
  const occurrence = analysis.at(file, offset);
  if (!occurrence) return { refused: 'no name at this position' };
  const { kind, name } = occurrence;
  if (kind !== 'variable' && kind !== 'function') return { refused: `${name} ${NOT_OURS[kind]}` };
  if (analysis.definitionsOf(occurrence).length === 0) {
    return {
      refused: PREDEFINED.has(name) ? `${name} is a name of the language` : `${name} has no definition in this program`,
    };
  }
  // Which of the two such a name refers to depends on what ran before.
  if (kind === 'function' ? analysis.variablesNamed(name).length > 0 : analysis.functionsNamed(name).length > 0) {
    return { refused: `${name} is both a function and a variable: rename one of them manually` };
  }
  return occurrence;
}

function invalid(name: string): string | null {
  if (!NAME.test(name))
    return `${JSON.stringify(name)} is not a valid name: use a letter or _, then letters, digits, _ and -`;
  if (RESERVED.has(name)) return `${name} is reserved`;
  if (BUILTINS.has(name) || PREDEFINED.has(name)) return `${name} is a name of the language`;
  return METHODS.has(name) ? `${name} is a method of the language` : null;
}

function functionClash(analysis: Analysis, to: string): string | null {
  if (mentions(analysis, 'function', to)) return `there is a function ${to}`;
  return mentions(analysis, 'variable', to) ? `there is a variable ${to}, which would hide the function` : null;
}

function variableClash(analysis: Analysis, occurrence: Occurrence, to: string): string | null {
  if (mentions(analysis, 'function', to)) return `there is a function ${to}, which the variable would hide`;
  const others = analysis.occurrencesOf('variable', to);
  if (!analysis.isLocal(occurrence.definition)) return others.length > 0 ? `there is a variable ${to}` : null;
  const { scope, name } = occurrence.definition as Definition & { readonly scope: NonNullable<Definition['scope']> };
  const captured = others.some(({ span }) => within(span, scope)) || siblings(occurrence.definition as Definition, to);
  if (captured) return `${to} is used where ${name} can be seen: the two would become one`;
  return analysis.seenFrom(scope, to) ? `a function that is called within the scope of ${name} reads ${to}` : null;
}

/** Bindings of one let and parameters of one function are outside of each other's scopes. */
function siblings({ kind, form, parameters }: Definition, to: string): boolean {
  if (kind === 'parameter') return parameters.includes(to);
  const [, bindings] = form.items;
  if (kind !== 'let' || bindings?.kind !== 'list') return false;
  return bindings.items.some(
    (pair) => pair.kind === 'list' && pair.items[0]?.kind === 'symbol' && pair.items[0].name === to,
  );
}

function mentions(analysis: Analysis, kind: Occurrence['kind'], name: string): boolean {
  return analysis.occurrencesOf(kind, name).length > 0;
}
