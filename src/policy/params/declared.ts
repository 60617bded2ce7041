import type { SourcePosition } from '../../model/control.ts';
import { catalogue } from '../messages/catalogue.ts';
import { diagnostic, type Diagnostic } from '../messages/diagnostics.ts';
import type { Expression, Literal, Param } from '../forms/forms.ts';
import type { Names } from '../forms/names.ts';
import { paramReads, type ParamReads } from './reads.ts';
import { dimensionOf, isInRange, rangeText, written } from './value.ts';
import { placeText, type Span } from '../text/source.ts';

/** The parameters of a program. */
export interface DeclaredParams {
  /** In declaration order, each name once. */
  readonly params: readonly Param[];
  /** Names that a top-level defvar defines before the param: that value is used and cannot be overridden. */
  readonly fixed: ReadonlyMap<string, SourcePosition>;
  /** Where the program reads each parameter; a name that it never reads is absent. */
  readonly reads: ReadonlyMap<string, ParamReads>;
}

/** Collects the parameters of all files and the problems in their declarations. */
export function declaredParams(
  topLevel: readonly Expression[],
  names: Names,
): DeclaredParams & { readonly diagnostics: readonly Diagnostic[] } {
  const params = new Map<string, Param>();
  const defined = new Map<string, Span>();
  const fixed = new Map<string, SourcePosition>();
  const diagnostics: Diagnostic[] = [];
  for (const expression of topLevel) {
    if (expression.kind === 'defvar' && !defined.has(expression.name)) defined.set(expression.name, expression.span);
    if (expression.kind !== 'param') continue;
    const { name, nameSpan } = expression;
    const other = params.get(name);
    if (other) {
      diagnostics.push(diagnostic('check', nameSpan, catalogue.paramTwice(name, placeText(other.nameSpan))));
      continue;
    }
    params.set(name, expression);
    diagnostics.push(...checkDeclaration(expression));
    const before = defined.get(name);
    if (!before) continue;
    fixed.set(name, before.source.positionAt(before.start));
    diagnostics.push(
      diagnostic('check', nameSpan, catalogue.fixedParam(name, placeText(before)), { severity: 'warning' }),
    );
  }
  return { params: [...params.values()], fixed, reads: paramReads(topLevel, names, params), diagnostics };
}

function checkDeclaration(param: Param): Diagnostic[] {
  const { value, min, max, choices } = param;
  const [firstChoice] = choices ?? [];
  if (firstChoice && typeof value.value !== 'string')
    return [diagnostic('check', firstChoice.span, catalogue.choicesOfNumber())];
  if (choices && choices.every((choice) => choice.value !== value.value))
    return [diagnostic('check', value.span, catalogue.defaultChoice(written(value), choices.map(written)))];
  const bounds = (
    [
      ['min', min],
      ['max', max],
    ] as const
  ).flatMap(([keyword, bound]) => (bound === null ? [] : [{ keyword, bound }]));
  if (typeof value.value === 'string')
    return bounds.map(({ keyword, bound }) => diagnostic('check', bound.span, catalogue.textBounds(keyword)));
  const wrongUnit = bounds.filter(({ bound }) => dimensionOf(bound.unit) !== dimensionOf(value.unit));
  const [first] = wrongUnit;
  const right = wrongUnit.flatMap(({ keyword, bound }) => {
    const inUnit = boundInUnit(bound, value);
    return inUnit === null ? [] : [`:${keyword} ${inUnit}`];
  });
  // Both lack the unit: one mistake.
  if (first && right.length === 2)
    return [diagnostic('check', first.bound.span, catalogue.boundsUnit(written(value), right.join(' ')))];
  if (first) {
    return wrongUnit.map(({ keyword, bound }) => {
      const other = value.unit === null ? `${written(value)}${bound.unit}` : null;
      return diagnostic(
        'check',
        bound.span,
        catalogue.boundUnit(keyword, written(bound), written(value), boundInUnit(bound, value), other),
      );
    });
  }
  if (min && max && (min.value as number) > (max.value as number)) {
    return [diagnostic('check', max.span, catalogue.boundsCrossed(written(min), written(max)))];
  }
  if (isInRange(value.value as number, param)) return [];
  return [diagnostic('check', value.span, catalogue.defaultRange(written(value), rangeText(param) as string))];
}

function boundInUnit(bound: Literal, { unit }: Literal): string | null {
  return bound.unit === null && unit !== null ? `${written(bound)}${unit}` : null;
}
