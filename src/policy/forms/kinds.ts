import type { Expression } from './forms.ts';
import type { Names } from './names.ts';

/** What a name can hold, as far as the text shows. `any`: a parameter, a computed value. */
export type Kind = 'host' | 'guest' | 'plain' | 'any';

export interface Kinds {
  of(name: string): ReadonlySet<Kind>;
}

/**
 * Looks at every place that binds or changes a name. Scopes are dynamic, so all places of a name count together.
 * @param all the expressions of the program with everything in them
 */
export function gatherKinds(all: readonly Expression[], names: Names): Kinds {
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
  const areGuests = (list: Expression): boolean => {
    if (list.kind === 'loop' && (list.operation === 'filter' || list.operation === 'sort')) return areGuests(list.list);
    return list.kind === 'variable' && list.name === 'Guests' && untouched('Guests');
  };
  for (const expression of all) {
    switch (expression.kind) {
      case 'let':
        for (const { name, value } of expression.bindings) note(name, kindOf(value));
        break;
      case 'defvar':
      case 'assign':
        note(expression.name, kindOf(expression.value));
        break;
      case 'with':
        note(expression.variable, areGuests(expression.list) ? 'guest' : 'any');
        break;
      case 'loop':
        if (expression.each) note(expression.each.variable, areGuests(expression.list) ? 'guest' : 'any');
        break;
      case 'param':
        note(expression.name, 'plain');
        break;
      case 'define':
        if (Array.isArray(expression.parameters)) for (const name of expression.parameters) note(name, 'any');
        break;
      default:
        break;
    }
  }
  const anything: ReadonlySet<Kind> = new Set<Kind>(['any']);
  return { of: (name) => kinds.get(name) ?? anything };
}

function kindOf(value: Expression): Kind {
  return value.kind === 'literal' && value.value !== null ? 'plain' : 'any';
}
