import type { ParamOverride } from '../../model/parameter.ts';
import { suggest } from '../../support/suggest.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Fault } from '../messages/fault.ts';
import type { Param } from '../forms/forms.ts';
import type { DeclaredParams } from './declared.ts';
import { readParamValue } from './value.ts';

/** An override that fits its parameter. */
export type BoundOverride<T extends ParamOverride = ParamOverride> = T & { readonly value: number | string };

/** An override with its fault or warning. */
export interface OverrideFault<T extends ParamOverride = ParamOverride> {
  readonly override: T;
  readonly fault: Fault;
}

/**
 * Splits overrides into those that fit the declared parameters, with their values, and the others, with their faults. Keeps the order.
 * `suspicious` is the subset of fitting overrides that may be mistakes.
 */
export function bindOverrides<T extends ParamOverride>(
  { params, fixed, reads }: DeclaredParams,
  overrides: readonly T[],
): {
  readonly bound: readonly BoundOverride<T>[];
  readonly wrong: readonly OverrideFault<T>[];
  readonly suspicious: readonly OverrideFault<T>[];
} {
  const byName = new Map(params.map((param) => [param.name, param]));
  const bound: BoundOverride<T>[] = [];
  const wrong: OverrideFault<T>[] = [];
  const suspicious: OverrideFault<T>[] = [];
  for (const override of overrides) {
    const read = readOverride(override, byName, fixed);
    if ('fault' in read) wrong.push({ override, fault: read.fault });
    else {
      bound.push({ ...override, value: read.value });
      const param = byName.get(override.name);
      for (const fault of [read.warning, unread(override, reads), unknownText(read.value, param, reads)])
        if (fault) suspicious.push({ override, fault });
    }
  }
  return { bound, wrong, suspicious };
}

/** A value for some guests is not seen where the policy reads the parameter for the host. */
function unread({ name, target }: ParamOverride, reads: DeclaredParams['reads']): Fault | null {
  const { byGuest, outside } = reads.get(name) ?? {};
  return target.kind === 'all' || outside === undefined || outside === null
    ? null
    : catalogue.paramOutside(outside, byGuest === true);
}

/** A text that the policy never compares a parameter with does nothing, or what every other text does. */
function unknownText(value: number | string, param: Param | undefined, reads: DeclaredParams['reads']): Fault | null {
  const texts = param === undefined ? null : (reads.get(param.name)?.comparedWith ?? null);
  if (typeof value !== 'string' || texts === null || texts.includes(value) || value === param?.value.value) return null;
  return catalogue.neverCompared(value, texts);
}

function readOverride(
  { name, given }: ParamOverride,
  byName: ReadonlyMap<string, Param>,
  fixed: DeclaredParams['fixed'],
): ReturnType<typeof readParamValue> {
  const param = byName.get(name);
  if (param === undefined) {
    const known = [...byName.keys()];
    return { fault: catalogue.unknownParam(name, suggest(name, known), known) };
  }
  const place = fixed.get(name);
  if (place) return { fault: catalogue.fixedParam(name, `${place.file}:${place.line}:${place.column}`) };
  return readParamValue(param, given);
}
