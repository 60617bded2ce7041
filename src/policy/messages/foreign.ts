/** What signs of other languages begin with, and what is written here. */
export const FOREIGN_SIGNS: ReadonlyMap<string, string> = new Map([
  ['&', 'write (and A B)'],
  ['|', 'write (or A B)'],
  ['!', 'write (not A)'],
  [',', 'arguments stand apart by spaces; a decimal point is a point: 1.5GiB'],
]);

/** Functions that other languages have, and what there is here. */
export const FOREIGN_FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ['when', '(if CONDITION THEN nil)'],
  ['unless', '(if CONDITION nil ELSE)'],
  ['print', '(debug A …) writes to the log'],
  ['length', '(count LIST)'],
  ['len', '(count LIST)'],
  ['foreach', '(with LIST NAME BODY), or (map LIST NAME BODY) of a list that is calculated'],
  ['for', '(with LIST NAME BODY), or (map LIST NAME BODY) of a list that is calculated'],
  ['while', '(with LIST NAME BODY) goes through a list; a function that calls itself repeats'],
  ['lambda', '(def NAME (PARAMETER …) BODY); a function has a name'],
  ['begin', '{ … } evaluates several expressions in order'],
  ['progn', '{ … } evaluates several expressions in order'],
]);
