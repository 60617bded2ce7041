/** Scope of an override: the host and all guests, guests with a label, or guests whose names match a pattern. */
export type ParamTarget =
  | { readonly kind: 'all' }
  | { readonly kind: 'label'; readonly label: string }
  | { readonly kind: 'guest'; readonly pattern: string };

/** A value that the operator set for a policy parameter, as written: `25%`, `512MiB`, 7. */
export interface ParamOverride {
  readonly name: string;
  readonly target: ParamTarget;
  readonly given: number | string;
}

/** Overrides with the same key replace each other. */
export function overrideKey({ name, target }: Pick<ParamOverride, 'name' | 'target'>): string {
  if (target.kind === 'all') return name;
  return target.kind === 'label' ? `${name} label ${target.label}` : `${name} guest ${target.pattern}`;
}

/** Concatenates lists and keeps the first override of each key, in order. */
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
