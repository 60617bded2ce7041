import type { z } from 'zod';
import { NOTHING } from './schema.ts';

type Issue = z.core.$ZodIssue;
type Group = Record<string, unknown>;

/** What these have wrong changes what the rest means. */
const NEEDED: ReadonlySet<string> = new Set(['for', 'cases', 'recording']);
/** A file or a case has to have them: what they are is said already. */
const STAND_INS: Readonly<Record<string, unknown>> = { name: 'a case', policy: 'a policy', expect: NOTHING };

/**
 * The same without the keys that the schema has refused, so that the other values can be judged too: all that is wrong is to be said at
 * once. null where nothing certain can be said of the rest.
 */
export function salvaged(raw: unknown, issues: readonly Issue[]): unknown {
  const copy = structuredClone(raw);
  return issues.every((issue) => take(copy, issue)) ? copy : null;
}

function take(raw: unknown, issue: Issue): boolean {
  const path = issue.path as readonly (string | number)[];
  if (issue.code === 'unrecognized_keys') return issue.keys.every((key) => remove(raw, [...path, key]));
  // Of a list with a wrong value the whole goes: the others would stand in places that are not theirs.
  return remove(raw, path.slice(0, path.findLastIndex((part) => typeof part === 'string') + 1));
}

/** Whether the rest means the same afterwards. */
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
