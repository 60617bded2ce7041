/** Parts of a Unicode class such as `\pL`: it has hundreds of ranges. */
const UNICODE_CLASS_SIZE = 30;

/**
 * An upper bound of the work of a pattern: its length with all counted repetitions written out. `(ab{20}){10}` has 20 characters
 * and becomes more than 200 instructions. Anything that RE2 rejects may get any size.
 */
export function patternSize(pattern: string): number {
  // By open group: its size so far, and the size of its last part, which a repetition multiplies.
  const groups: { size: number; last: number }[] = [{ size: 0, last: 0 }];
  const add = (size: number): void => {
    const group = groups.at(-1)!;
    group.size += size;
    group.last = size;
  };
  for (let at = 0; at < pattern.length; at += 1) {
    const sign = pattern[at];
    if (sign === '(') groups.push({ size: 1, last: 0 });
    else if (sign === ')' && groups.length > 1) add(groups.pop()!.size + 1);
    else if (sign === '\\') {
      at += 1;
      const escaped = pattern[at] ?? '';
      add(/[pP]/.test(escaped) ? UNICODE_CLASS_SIZE : 2);
      // The braces of \x{10FFFF} and \p{Greek} are no repetition.
      if (/[pPx]/.test(escaped) && pattern[at + 1] === '{') at = Math.max(at, pattern.indexOf('}', at));
    } else if (sign === '{') {
      const [whole, least, most] = REPETITION.exec(pattern.slice(at, at + MAX_REPETITION_LENGTH)) ?? [];
      if (whole === undefined) add(1);
      else {
        const group = groups.at(-1)!;
        // A part of its own for `{3,}` and for the braces.
        const grown = group.last * Math.max(1, Number(least), Number(most ?? 0)) + group.last + whole.length;
        group.size += grown - group.last;
        group.last = grown;
        at += whole.length - 1;
      }
    } else add(1);
  }
  return groups.reduce((sum, { size }) => sum + size, 0);
}

const REPETITION = /^\{([0-9]+)(?:,([0-9]*))?\}/;
const MAX_REPETITION_LENGTH = 12;
