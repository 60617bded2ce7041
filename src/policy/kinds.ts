import { walk, type Expression } from './forms.ts';
import type { Names } from './names.ts';

/** What a name can hold, as far as the text shows. `any`: a parameter, a computed value. */
export type Kind = 'host' | 'guest' | 'plain' | 'any';

export interface Kinds {
  of(name: string): ReadonlySet<Kind>;
}

/** Looks at every place that binds or changes a name. Scopes are dynamic, so all places of a name count together. */
export function gatherKinds(expressions: readonly Expression[], names: Names): Kinds {
  const kinds = new Map<string, Set<Kind>>([
    ['Host', new Set<Kind>(['host'])],
    ['Guests', new Set<Kind>(['plain'])],
  ]);
  const note = (name: string, kind: Kind): void => {
    const known = kinds.get(name);
    if (known) known.add(kind);
    else kinds.set(name, new Set([kind]));
  };
  const untouched = (name: string): boolean => !names.bound.has(name) && !names.changed.has(name);
  const visit = (expression: Expression): void => {
    switch (expression.kind) {
      case 'let':
        for (const { name, value } of expression.bindings) note(name, kindOf(value));
        break;
      case 'defvar':
      case 'assign':
        note(expression.name, kindOf(expression.value));
        break;
      case 'with': {
        const { list, variable } = expression;
        const guests = list.kind === 'variable' && list.name === 'Guests' && untouched('Guests');
        note(variable, guests ? 'guest' : 'any');
        break;
      }
      case 'define':
        if (Array.isArray(expression.parameters)) for (const name of expression.parameters) note(name, 'any');
        break;
      default:
        break;
    }
  };
  for (const expression of expressions) walk(expression, visit);
  const anything: ReadonlySet<Kind> = new Set<Kind>(['any']);
  return { of: (name) => kinds.get(name) ?? anything };
}

function kindOf(value: Expression): Kind {
  return value.kind === 'literal' && value.value !== null ? 'plain' : 'any';
}
