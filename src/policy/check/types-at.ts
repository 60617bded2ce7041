import type { Vocabulary } from '../../model/vocabulary.ts';
import { bareNumbers, type BareNumber } from './bare-numbers.ts';
import type { CheckedFile } from './check.ts';
import { walk } from '../forms/parts.ts';
import type { TypeTable } from '../types/infer.ts';
import { describeType } from '../types/type.ts';

/** The inferred types of a program's expressions, by position. */
export class TypesAt {
  readonly #files: readonly CheckedFile[];
  readonly #types: TypeTable;
  readonly #byFile = new Map<string, ReadonlyMap<string, string>>();

  constructor(files: readonly CheckedFile[], types: TypeTable) {
    this.#files = files;
    this.#types = types;
  }

  /** Describes a type; null if no expression has exactly this range or its type is unknown. */
  describe(file: string, start: number, end: number): string | null {
    const known = this.#byFile.get(file) ?? this.#read(file);
    return known.get(keyOf(start, end)) ?? null;
  }

  /** The numbers of a file without a unit of their own, whose unit is known. */
  bareNumbers(file: string, { controls }: Vocabulary): readonly BareNumber[] {
    const unit = (name: string): string | null => {
      const [first, ...others] = controls.filter((each) => each.name === name).map((each) => each.unit);
      return first !== undefined && others.every((each) => each === first) ? first : null;
    };
    return this.#files
      .filter(({ source }) => source.file === file)
      .flatMap(({ expressions }) => bareNumbers(expressions, this.#types, unit));
  }

  #read(file: string): ReadonlyMap<string, string> {
    const known = new Map<string, string>();
    this.#byFile.set(file, known);
    for (const { expressions } of this.#files.filter(({ source }) => source.file === file)) {
      for (const expression of expressions) {
        walk(expression, (part) => {
          const type = this.#types.typeOf(part);
          const words = type && describeType(type);
          if (words !== undefined && words !== 'anything') known.set(keyOf(part.span.start, part.span.end), words);
        });
      }
    }
    return known;
  }
}

function keyOf(start: number, end: number): string {
  return `${start} ${end}`;
}
