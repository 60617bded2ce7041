import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { parseDuration } from '../../../src/yaml/units.ts';

/** All keys with their defaults. */
const DEFAULTS = new URL('../../../docs/ballast.yaml', import.meta.url);

/** How long guards remember what guests did. Not those that are about the speed of a balloon, which is as it is: `stuck` and `returns`. */
const REMEMBERS: Readonly<Record<string, readonly string[]>> = {
  recent_use: ['window', 'emergency_window'],
  pain: ['lasting', 'remembered'],
  rhythm: ['cool_down', 'emergency_cool_down'],
  settle: ['remembered'],
};

/**
 * Policies are evaluated each second instead of each 10 s, and so many times as fast all that they do goes: what they forget by the interval,
 * how far they move, and the durations in their text.
 */
export const POLICY_PACE = 10;

/** The shortest time that all of these keys take. */
const LEAST_MS = 1000;

type Keys = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The defaults of guards that are about time, divided by the pace. */
export async function pacedGuards(pace: number): Promise<Keys> {
  const defaults = parse(await readFile(DEFAULTS, 'utf8')) as Keys;
  const entries = Object.entries(REMEMBERS).map(([group, keys]) => {
    const paced = keys.map((key) => [key, paceOf(defaults[group]?.[key] ?? '', pace, LEAST_MS)] as const);
    return [group, Object.fromEntries(paced)] as const;
  });
  return Object.fromEntries(entries);
}

/**
 * The text of a policy with each duration divided by the pace. Comments and texts stay as they are.
 * @throws Error for what looks like a duration and is none
 */
export function pacedPolicy(text: string, pace: number): string {
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|#[^\n]*|(?<![\w.-])\d+(?:\.\d+)?(?:ms|s|min|h)(?!\w)/g, (found) =>
    found.startsWith('"') || found.startsWith('#') ? found : paceOf(found, pace, 1),
  );
}

function paceOf(text: string, pace: number, leastMs: number): string {
  const parsed = parseDuration(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return `${Math.max(leastMs, Math.round(parsed.value / pace))}ms`;
}
