import type { Expression } from './forms.ts';
import type { Names } from './names.ts';
import { bindingsOf, isListOfGuests, isListOfNodes, type Binding } from './scopes.ts';

/** What a name can hold, as far as the text shows. `any`: a parameter or computed value. */
export type Kind = 'host' | 'guest' | 'node' | 'plain' | 'any';

export interface Kinds {
  of(name: string): ReadonlySet<Kind>;
}

/**
 * Combines all places that bind or change a name: with dynamic scopes, any of them may apply.
 * @param all the expressions of the program, nested ones included
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
  const guestsKept = !names.bound.has('Guests') && !names.changed.has('Guests');
  const hostKept = !names.bound.has('Host') && !names.changed.has('Host');
  const kindOfBinding = ({ by, value }: Binding): Kind => {
    if (value === null) return 'any';
    if (by !== 'element') return kindOf(value);
    if (hostKept && isListOfNodes(value)) return 'node';
    return guestsKept && isListOfGuests(value) ? 'guest' : 'any';
  };
  for (const expression of all) {
    for (const binding of bindingsOf(expression)) note(binding.name, kindOfBinding(binding));
    if (expression.kind === 'assign') note(expression.name, kindOf(expression.value));
  }
  const anything: ReadonlySet<Kind> = new Set<Kind>(['any']);
  return { of: (name) => kinds.get(name) ?? anything };
}

function kindOf(value: Expression): Kind {
  return value.kind === 'literal' && value.value !== null ? 'plain' : 'any';
}
