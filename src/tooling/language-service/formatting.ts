import { formatPolicy } from '../format/index.ts';
import type { Edit, PolicyProgram } from './program.ts';

/** The edit that formats a file; null if it is already formatted or has errors. */
export function formatting(program: PolicyProgram, file: string): Edit | null {
  const { text } = program.source(file);
  const formatted = formatPolicy({ file, text }, program.limits);
  if (!('text' in formatted) || formatted.text === text) return null;
  return { file, ...difference(text, formatted.text) };
}

/** The smallest range in which two texts differ, with the new text: the editor's cursor stays in place elsewhere. */
function difference(
  before: string,
  after: string,
): { readonly start: number; readonly end: number; readonly text: string } {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let same = 0;
  while (same < shorter - start && before[before.length - 1 - same] === after[after.length - 1 - same]) same += 1;
  // Do not split surrogate pairs.
  if (isSecondHalf(before, start) || isSecondHalf(after, start)) start -= 1;
  if (isSecondHalf(before, before.length - same) || isSecondHalf(after, after.length - same)) same -= 1;
  return { start, end: before.length - same, text: after.slice(start, after.length - same) };
}

function isSecondHalf(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
}
