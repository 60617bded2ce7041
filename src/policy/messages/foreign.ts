import type { OtherFormat } from '../../support/other-format.ts';

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

/** Files that are given in place of a policy, and what to do with them. */
export const OTHER_FORMATS: Readonly<
  Record<Exclude<OtherFormat, 'policy'>, { readonly name: string; readonly hint: string | null }>
> = {
  INI: {
    name: "an INI file such as MOM's mom.conf",
    hint: 'its settings belong in a config file, in YAML; docs/replacing-mom.md names their keys',
  },
  JSON: { name: 'JSON', hint: null },
  Python: {
    name: 'Python',
    hint: "MOM's rules in Python (type=script) are not run: write them as a policy, such as (with Guests vm (if (< vm.mem_unused 1GiB) … …))",
  },
  settings: {
    name: 'a file of shell settings such as ksmtuned.conf',
    hint: 'for ksmtuned, use the shipped ksmtuned.policy and set its parameters of the same names under policy.parameters in the config',
  },
  XML: { name: 'XML', hint: null },
  YAML: { name: 'YAML', hint: null },
};
