import { overrideKey, type ParamOverride } from '../model/parameter.ts';
import { givenText, written, type BoundOverride } from '../policy/index.ts';
import type { CheckContext } from './check.ts';

/** One changed parameter value. */
export interface ParameterChange {
  readonly override: ParamOverride;
  /** As written; null: no value for this label or pattern. */
  readonly from: string | null;
  readonly to: string | null;
}

/** The differences between two sets of values; a parameter without an override has its default. */
export function parameterChanges(
  before: readonly BoundOverride[],
  after: readonly BoundOverride[],
  { declared }: CheckContext,
): readonly ParameterChange[] {
  const [was, is] = [byKey(before), byKey(after)];
  const byDefault = new Map(declared.params.map(({ name, value }) => [name, written(value)]));
  return [...new Map([...was, ...is])].flatMap(([key, override]) => {
    const [old, now] = [was.get(key), is.get(key)];
    if (old?.value === now?.value) return [];
    const missing = override.target.kind === 'all' ? (byDefault.get(override.name) ?? null) : null;
    return [
      {
        override,
        from: old === undefined ? missing : givenText(old),
        to: now === undefined ? missing : givenText(now),
      },
    ];
  });
}

/** `from 20% to 25%` */
export function transition({ from, to }: ParameterChange): string {
  if (from === null) return `set to ${to}`;
  return to === null ? `no longer set, was ${from}` : `from ${from} to ${to}`;
}

function byKey(overrides: readonly BoundOverride[]): ReadonlyMap<string, BoundOverride> {
  return new Map(overrides.map((override) => [overrideKey(override), override]));
}
