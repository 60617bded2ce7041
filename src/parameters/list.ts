import type { SourcePosition } from '../model/control.ts';
import type { ParamOverride } from '../model/parameter.ts';
import { choicesOf, givenText, written, type BoundOverride, type Program } from '../policy/index.ts';
import { effectiveOverrides, type Parameters } from './parameters.ts';

/** A declared parameter with the values in effect. */
export interface ListedParameter {
  readonly name: string;
  /** The value for the host and for guests without an override, in policy syntax. */
  readonly value: string;
  readonly default: string;
  readonly unit: string | null;
  readonly min: string | null;
  readonly max: string | null;
  /** The texts that a text can have; null: any, or it is a number. */
  readonly one_of: readonly string[] | null;
  readonly doc: string | null;
  /** Where the value is set: `FILE:LINE`. */
  readonly from: string;
  readonly declared: string;
  readonly overrides: readonly {
    readonly label?: string | undefined;
    readonly guests?: string | undefined;
    readonly value: string;
    readonly from: string;
  }[];
}

/** The parameters that the policies declare, with their values and where these are set. */
export function listParameters(program: Program, parameters: Parameters | null): readonly ListedParameter[] {
  const set = parameters === null ? [] : effectiveOverrides(parameters);
  return program.params.map((param) => {
    const { name, value, min, max, doc, nameSpan } = param;
    const overrides = set.filter((override) => override.name === name);
    const forAll = overrides.find(({ target }) => target.kind === 'all');
    const fixed = program.fixed.get(name);
    const declared = place(nameSpan.source.positionAt(nameSpan.start));
    return {
      name,
      value: fixed ? 'fixed by a defvar' : forAll ? givenText(forAll) : written(value),
      default: written(value),
      unit: value.unit,
      min: min && written(min),
      max: max && written(max),
      one_of: choicesOf(param),
      doc,
      from: fixed ? place(fixed) : forAll ? placeOf(forAll) : declared,
      declared,
      // In order of precedence.
      overrides: [
        ...overrides.filter(({ target }) => target.kind === 'guest'),
        ...overrides.filter(({ target }) => target.kind === 'label'),
      ].map((override) => ({
        ...targetOf(override),
        value: givenText(override),
        from: placeOf(override),
      })),
    };
  });
}

function targetOf({ target }: ParamOverride): { label?: string; guests?: string } {
  if (target.kind === 'label') return { label: target.label };
  return target.kind === 'guest' ? { guests: target.pattern } : {};
}

function place({ file, line }: Pick<SourcePosition, 'file' | 'line'>): string {
  return `${file}:${line}`;
}

function placeOf(
  override: BoundOverride & { readonly file?: string; readonly valuePlace?: { readonly line: number } },
): string {
  const { file, valuePlace } = override;
  return file === undefined || valuePlace === undefined ? 'the command line' : place({ file, line: valuePlace.line });
}
