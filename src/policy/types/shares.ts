import type { FieldDecl } from '../../model/field.ts';
import type { Place } from './flow.ts';

/** Statistics of a part that are about what the part is now. */
const LEVELS: ReadonlySet<string> = new Set(['Stat', 'StatAvg', 'StatMin']);

/** Which readings are a part of which others, as declared: their quotient is a share, from 0 to 1. */
export class Shares {
  /** All that a field is a part of, also by way of others. */
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

  /** Whether a value is a part of another one. @param part, whole where the values were read */
  isShare(part: readonly Place[], whole: readonly Place[]): boolean {
    return part.some((one) =>
      whole.some((other) => one.root === other.root && this.#wholes.get(fieldOf(one))?.has(fieldOf(other)) === true),
    );
  }
}

/** The field that a place is a level of; '' when it is none, or something else about a field. */
function fieldOf({ reading }: Place): string {
  const [first = '', second] = reading.split(' ', 2);
  if (second === undefined) return first;
  return LEVELS.has(first) ? second : '';
}
