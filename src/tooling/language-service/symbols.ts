import type { Definition } from '../../policy/forms/occurrence.ts';
import { placeOf } from './navigate.ts';
import type { Place, PolicyProgram } from './program.ts';

/** A definition of a file, for its outline. */
export interface Outline {
  readonly name: string;
  readonly kind: 'function' | 'variable' | 'param';
  readonly detail: string;
  /** The ranges of the whole form and of the name in it. */
  readonly place: Place;
  readonly namePlace: Place;
}

/** The global definitions of a file, in text order. */
export function outline(program: PolicyProgram, file: string): readonly Outline[] {
  return program.analysis.definitions
    .filter(({ span, scope }) => span.source.file === file && scope === null)
    .map((definition) => ({
      name: definition.name,
      kind: kindOf(definition),
      detail: definition.kind === 'function' ? `(${definition.parameters.join(' ')})` : '',
      place: placeOf(definition.form),
      namePlace: placeOf(definition),
    }));
}

function kindOf({ kind }: Definition): Outline['kind'] {
  if (kind === 'function') return 'function';
  return kind === 'param' ? 'param' : 'variable';
}
