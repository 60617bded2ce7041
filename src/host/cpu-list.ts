import { HostFormatError } from './format-error.ts';

/** Far more than any machine has: a corrupt list must not exhaust memory. */
const HIGHEST = 1_000_000;

/**
 * The kernel's notation of a set of CPUs or NUMA nodes, `0-3,8`; an empty line is the empty set.
 * @throws HostFormatError
 */
export function parseList(path: string, text: string): readonly number[] {
  const line = text.trim();
  if (line === '') return [];
  return line.split(',').flatMap((part) => {
    const match = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || last < first || last > HIGHEST)
      throw new HostFormatError(path, 1, 'a list such as 0-3,8', line);
    return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
  });
}
