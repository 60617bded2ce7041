/** First characters of operators from other languages, and the equivalent here. */
export const FOREIGN_SIGNS: ReadonlyMap<string, string> = new Map([
  ['&', 'write (and A B)'],
  ['|', 'write (or A B)'],
  ['!', 'write (not A)'],
  [',', 'separate arguments with spaces; use a point for decimals: 1.5GiB'],
]);

/** Functions of other languages, and the equivalent here. */
export const FOREIGN_FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ['when', '(if CONDITION THEN nil)'],
  ['unless', '(if CONDITION nil ELSE)'],
  ['print', '(debug A …) writes to the log'],
  ['length', '(count LIST)'],
  ['len', '(count LIST)'],
  ['foreach', '(with LIST NAME BODY), or (map LIST NAME BODY) for a computed list'],
  ['for', '(with LIST NAME BODY), or (map LIST NAME BODY) for a computed list'],
  ['while', '(with LIST NAME BODY) iterates over a list; use recursion for other loops'],
  ['lambda', '(def NAME (PARAMETER …) BODY); functions must be named'],
  ['begin', '{ … } evaluates several expressions in order'],
  ['progn', '{ … } evaluates several expressions in order'],
]);
