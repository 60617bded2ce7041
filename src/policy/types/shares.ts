import type { FieldDecl } from '../../model/field.ts';
import type { Place } from './flow.ts';

/** Statistics that represent the current level of a part. */
const LEVELS: ReadonlySet<string> = new Set(['Stat', 'StatAvg', 'StatMin']);

/** Which readings are declared parts of which others: their quotient is a share, 0 to 1. */
export class Shares {
  /** The fields that each field is a part of, directly or indirectly. */
  readonly #wholes = new Map<string, Set<string>>();

  constructor(fields: readonly FieldDecl[]) {
    const around = (name: string, wholes: Set<string>): Set<string> => {
      for (const field of fields) {
        if (field.name !== name || field.partOf === undefined || wholes.has(field.partOf)) continue;
        wholes.add(field.partOf);
        around(field.partOf, wholes);
      }
      return wholes;
    };
    for (const { name, partOf } of fields) if (partOf !== undefined) this.#wholes.set(name, around(name, new Set()));
  }

  /** Whether a value is a part of another one. @param part, whole the places that the values were read from */
  isShare(part: readonly Place[], whole: readonly Place[]): boolean {
    return part.some((one) =>
      whole.some((other) => one.root === other.root && this.#wholes.get(fieldOf(one))?.has(fieldOf(other)) === true),
    );
  }
}

/** The field that a place is a level of; '' if it is none. */
function fieldOf({ reading }: Place): string {
  const [first = '', second] = reading.split(' ', 2);
  if (second === undefined) return first;
  return LEVELS.has(first) ? second : '';
}
