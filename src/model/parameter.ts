/** Whom a value of a parameter is for: the host and all guests, the guests with a label, or those whose names match a pattern. */
export type ParamTarget =
  | { readonly kind: 'all' }
  | { readonly kind: 'label'; readonly label: string }
  | { readonly kind: 'guest'; readonly pattern: string };

/** What the operator has set for a parameter of the policy, as it was written: `25%`, `512MiB`, 7. */
export interface ParamOverride {
  readonly name: string;
  readonly target: ParamTarget;
  readonly given: number | string;
}

/** The same for two overrides of which one takes the place of the other. */
export function overrideKey({ name, target }: Pick<ParamOverride, 'name' | 'target'>): string {
  if (target.kind === 'all') return name;
  return target.kind === 'label' ? `${name} label ${target.label}` : `${name} guest ${target.pattern}`;
}

/** Several lists as one: of overrides with the same key the first counts. The order stays. */
export function mergeOverrides<T extends ParamOverride>(...lists: readonly (readonly T[])[]): readonly T[] {
  const merged = new Map<string, T>();
  for (const override of lists.flat()) {
    const key = overrideKey(override);
    if (!merged.has(key)) merged.set(key, override);
  }
  return [...merged.values()];
}

/** `pressure_threshold`, `pressure_threshold for label db`, `pressure_threshold for guests web-*` */
export function describeOverride({ name, target }: Pick<ParamOverride, 'name' | 'target'>): string {
  if (target.kind === 'all') return name;
  return target.kind === 'label' ? `${name} for label ${target.label}` : `${name} for guests ${target.pattern}`;
}
