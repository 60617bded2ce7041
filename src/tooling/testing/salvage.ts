import type { z } from 'zod';
import { NOTHING } from './schema.ts';

type Issue = z.core.$ZodIssue;
type Group = Record<string, unknown>;

/** Errors in these keys change the meaning of the rest. */
const NEEDED: ReadonlySet<string> = new Set(['for', 'cases', 'recording']);
/** Required keys: their absence is reported already. */
const STAND_INS: Readonly<Record<string, unknown>> = { name: 'a case', policy: 'a policy', expect: NOTHING };

/**
 * Removes the keys that the schema has rejected, so that the other values can be checked in the same run. null if nothing
 * certain can be said about the rest.
 */
export function salvaged(raw: unknown, issues: readonly Issue[]): unknown {
  const copy = structuredClone(raw);
  return issues.every((issue) => take(copy, issue)) ? copy : null;
}

function take(raw: unknown, issue: Issue): boolean {
  const path = issue.path as readonly (string | number)[];
  if (issue.code === 'unrecognized_keys') return issue.keys.every((key) => remove(raw, [...path, key]));
  // A list with an invalid element is removed as a whole, because indices would shift.
  return remove(raw, path.slice(0, path.findLastIndex((part) => typeof part === 'string') + 1));
}

/** Whether the rest keeps its meaning. */
function remove(raw: unknown, path: readonly (string | number)[]): boolean {
  const key = path.at(-1);
  if (typeof key !== 'string' || key === 'intervals' || path.some((part) => NEEDED.has(String(part)))) return false;
  const group = path
    .slice(0, -1)
    .reduce<unknown>(
      (inner, part) => (typeof inner === 'object' && inner !== null ? (inner as Group)[part] : undefined),
      raw,
    );
  if (typeof group !== 'object' || group === null) return false;
  if (Object.hasOwn(STAND_INS, key)) (group as Group)[key] = STAND_INS[key];
  else delete (group as Group)[key];
  return true;
}
