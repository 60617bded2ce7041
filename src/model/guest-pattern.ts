/** A pattern for whole guest names, see {@link matchesPattern}. */
export const NAME_PATTERN = /^[^\0]{1,256}$/;

/** What {@link NAME_PATTERN} is, in words. */
export const NAME_PATTERN_FORM =
  'a name pattern of at most 256 characters, with * for any text and ? for one character';

/**
 * Does a guest's name match a pattern in which `*` stands for any text and `?` for one character? All other
 * characters stand for themselves. Only the last `*` is ever taken back, so the time is at most the product of the
 * two lengths, whatever the pattern.
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
