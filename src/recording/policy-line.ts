import type { Decision, Held, Outcome } from '../model/decision.ts';

export interface PolicyLine {
  readonly requests: Decision['requests'];
  readonly errors: Decision['errors'];
  readonly held: readonly Held[];
  readonly outcomes: readonly Outcome[];
}

/** Entries of a list in one interval. */
export const MAX_ENTRIES = 100_000;

/** Nesting of lists in a value. Policies stay below it; a damaged file must not overflow the stack. */
const MAX_DEPTH = 128;

type Check = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Check>>;

const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => typeof value === 'number';
const optional =
  (check: Check): Check =>
  (value) =>
    value === null || value === undefined || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length <= MAX_ENTRIES && value.every(check);
const shaped =
  (shape: Shape): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(shape).every(([key, check]) => check((value as Readonly<Record<string, unknown>>)[key]));

const scalar: Check = (value) => isScalar(value, MAX_DEPTH);
const guest = optional(shaped({ name: text, uuid: text }));
const position = optional(shaped({ file: text, line: number, column: number }));
const action = shaped({
  controller: text,
  control: text,
  guest,
  from: scalar,
  to: scalar,
  message: text,
  reason: optional(text),
  position,
  notes: optional(listOf(text)),
});

const LISTS: Readonly<Record<keyof PolicyLine, Check>> = {
  requests: listOf(shaped({ name: text, guest, value: scalar, reason: optional(text), position })),
  errors: listOf(shaped({ message: text, position, guest })),
  held: listOf(shaped({ control: text, guest, wanted: scalar, why: text })),
  outcomes: listOf(shaped({ action, status: text, detail: optional(text) })),
};

/** By hand, as the rest of an interval: the hot path of a replay. @throws Error that names what is wrong */
export function decodePolicyLine(value: unknown, key = 'policy'): PolicyLine {
  if (typeof value !== 'object' || value === null) throw new Error(`"${key}" should be an object`);
  for (const [list, check] of Object.entries(LISTS))
    if (!check((value as Readonly<Record<string, unknown>>)[list]))
      throw new Error(`"${key}.${list}" should be a list of at most ${MAX_ENTRIES} valid entries`);
  return value as PolicyLine;
}

function isScalar(value: unknown, depth: number): boolean {
  if (Array.isArray(value)) return depth > 0 && value.every((item) => isScalar(item, depth - 1));
  return typeof value !== 'object' || value === null;
}
