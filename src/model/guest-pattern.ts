/** A pattern for whole guest names, see {@link matchesPattern}. */
export const NAME_PATTERN = /^[^\0]{1,256}$/;

/** Describes {@link NAME_PATTERN} for messages. */
export const NAME_PATTERN_FORM =
  'a name pattern of at most 256 characters, with * for any text and ? for one character';

/**
 * Whether a guest's name matches a pattern in which `*` matches any text, `?` any character, and every other character
 * itself. Only the last `*` is backtracked, so the time is at most proportional to the product of the two lengths.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  const wanted = Array.from(pattern);
  const given = Array.from(name);
  let p = 0;
  let n = 0;
  let star = -1;
  let resumeAt = 0;
  while (n < given.length) {
    if (wanted[p] === '*') {
      star = p++;
      resumeAt = n;
    } else if (p < wanted.length && (wanted[p] === '?' || wanted[p] === given[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++resumeAt;
    } else {
      return false;
    }
  }
  while (wanted[p] === '*') p++;
  return p === wanted.length;
}
