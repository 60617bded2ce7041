import type { ParamOverride } from '../../model/parameter.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import { Analysis } from '../../policy/forms/analysis.ts';
import type { BareNumber } from '../../policy/check/bare-numbers.ts';
import { DEFAULT_LIMITS, type Limits } from '../../policy/limits/limits.ts';
import { loadPolicy, type Diagnostic, type Loaded, type PolicySource } from '../../policy/index.ts';
import { parse } from '../../policy/parser/parser.ts';
import { SourceText } from '../../policy/text/source.ts';

/** A range in one file: offsets in UTF-16 units, `end` exclusive. */
export interface Place {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** A replacement in one file. */
export interface Edit extends Place {
  readonly text: string;
}

/** A parameter override, with the file that sets it. */
export interface SetParam extends ParamOverride {
  readonly file: string;
}

/** Context besides the text of policies. */
export interface Knowledge {
  readonly vocabulary: Vocabulary;
  readonly limits: Partial<Limits>;
  readonly overrides: readonly SetParam[];
}

/** The files of one program at one moment. Analyses are computed on first use. */
export class PolicyProgram {
  readonly sources: readonly SourceText[];
  readonly vocabulary: Vocabulary;
  /** Parameter overrides. */
  readonly overrides: readonly SetParam[];
  readonly #limits: Partial<Limits>;
  #loaded: Loaded | null = null;
  #analysis: Analysis | null = null;

  constructor(sources: readonly PolicySource[], { vocabulary, limits, overrides }: Knowledge) {
    this.sources = sources.map((source) => new SourceText(source));
    this.vocabulary = vocabulary;
    this.overrides = overrides;
    this.#limits = limits;
  }

  /** The diagnostics of `ballast check`. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#load().diagnostics;
  }

  /** Describes the type of the expression in a range; null if unknown. */
  typeOf({ file, start, end }: Place): string | null {
    return this.#load().types?.describe(file, start, end) ?? null;
  }

  /** The numbers of a file without a unit of their own, whose unit is known. */
  bareNumbers(file: string): readonly BareNumber[] {
    return this.#load().types?.bareNumbers(file, this.vocabulary) ?? [];
  }

  #load(): Loaded {
    return (this.#loaded ??= loadPolicy(this.sources, { vocabulary: this.vocabulary, limits: this.#limits }));
  }

  get analysis(): Analysis {
    return (this.#analysis ??= new Analysis(this.sources.map((source) => parse(source, this.limits).file)));
  }

  get limits(): Limits {
    return { ...DEFAULT_LIMITS, ...this.#limits };
  }

  /** The program after edits that do not overlap. */
  edited(edits: readonly Edit[]): PolicyProgram {
    const sources = this.sources.map(({ file, text }) => {
      const parts: string[] = [];
      let at = 0;
      for (const { start, end, text: put } of edits
        .filter((edit) => edit.file === file)
        .toSorted((x, y) => x.start - y.start)) {
        parts.push(text.slice(at, start), put);
        at = end;
      }
      return { file, text: parts.join('') + text.slice(at) };
    });
    return new PolicyProgram(sources, {
      vocabulary: this.vocabulary,
      limits: this.#limits,
      overrides: this.overrides,
    });
  }

  /** @throws if the file is not part of the program */
  source(file: string): SourceText {
    const found = this.sources.find((source) => source.file === file);
    if (!found) throw new Error(`${file} is no file of this program`);
    return found;
  }
}
