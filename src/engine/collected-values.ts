import type { GuestRef } from '../model/control.ts';
import type { FieldDecl, FieldValue } from '../model/field.ts';
import { scalarText } from '../model/scalar-text.ts';
import type { CollectProblem } from '../model/snapshot.ts';
import type { FieldValues } from '../plugin/collector.ts';

/** In place of the values of a collector that failed. */
export const FAILED = Symbol('failed');

/** The message of a known failure; the stack of anything that looks like a bug. */
export function failure(error: unknown, deadline: AbortSignal): string {
  const isTimeout = error === deadline.reason || (error instanceof Error && error.name === 'AbortError');
  if (deadline.aborted && isTimeout) return 'timed out';
  if (!(error instanceof Error)) return String(error);
  const bug = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  return bug ? (error.stack ?? error.message) : error.message;
}

export function isThenable(values: Promise<FieldValues> | FieldValues): values is Promise<FieldValues> {
  return typeof (values as Partial<Promise<FieldValues>> | undefined | null)?.then === 'function';
}

/** Checks what a site's collector, plain JavaScript, returned. @throws Error when it is not an object of fields */
export function asFields(values: unknown): FieldValues {
  if (typeof values === 'object' && values !== null) return values as FieldValues;
  throw new Error(
    `returned ${values === undefined || values === null ? 'nothing' : `a ${typeof values}`}; expected an object of fields`,
  );
}

/** Stores a collector's values in the sample; false when a mandatory one is absent. */
export function fill(
  sample: (FieldValue | undefined)[],
  source: { readonly name: string; readonly fields: readonly FieldDecl[]; readonly offset: number },
  values: FieldValues,
  guest: GuestRef | null,
  problems: CollectProblem[],
  causeWasTold = false,
): boolean {
  const missing: string[] = [];
  const errors: string[] = [];
  let complete = true;
  for (let index = 0; index < source.fields.length; index++) {
    const { name, type, optional } = source.fields[index]!;
    const returned = values[name] ?? null;
    const isValid =
      returned === null || (typeof returned === type && (typeof returned !== 'number' || Number.isFinite(returned)));
    const value = isValid ? returned : null;
    sample[source.offset + index] = value;
    if (!isValid)
      errors.push(
        `returned ${shown(returned)} for ${name}, expected a ${typeof returned === 'number' && type === 'number' ? 'finite number' : type}`,
      );
    else if (value === null && !optional) missing.push(name);
    complete &&= value !== null || optional;
  }
  const told = causeWasTold && errors.length === 0;
  if (missing.length > 0) errors.push(`returned no ${missing.join(', ')} (required)`);
  if (errors.length > 0)
    problems.push({ collector: source.name, guest, message: errors.join('; '), ...(told && { told }) });
  return complete;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return scalarText(value);
  return typeof value === 'object' ? 'an object' : String(value);
}
