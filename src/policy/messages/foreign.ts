import type { OtherFormat } from '../../support/other-format.ts';

/** First characters of operators from other languages, and the equivalent here. */
export const FOREIGN_SIGNS: ReadonlyMap<string, string> = new Map([
  ['&', 'write (and A B)'],
  ['|', 'write (or A B)'],
  ['!', 'write (not A)'],
  [',', 'separate arguments with spaces; use a point for decimals: 1.5GiB'],
  ['%', 'a percentage has no space: 20%; the remainder of a division is (mod A B)'],
  ['?', '(null A) tests for nil, (valid A) for a value'],
  [':', 'the colon comes before a keyword: (Host.StatAvg "mem_free" :over 30s)'],
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
  [
    'while',
    '(with LIST NAME BODY) iterates over a list, (map (range N) NAME BODY) N times; use recursion for other loops',
  ],
  ['lambda', '(def NAME (PARAMETER …) BODY); functions must be named'],
  ['begin', '{ … } evaluates several expressions in order'],
  ['progn', '{ … } evaluates several expressions in order'],
  ['do', '{ … } evaluates several expressions in order'],
  ['elif', 'for several conditions: (cond (CONDITION BODY …) … (else BODY …))'],
  ['elseif', 'for several conditions: (cond (CONDITION BODY …) … (else BODY …))'],
  ['switch', '(case VALUE (A BODY …) ((B C) BODY …) … (else BODY …))'],
  ['reduce', '(fold LIST NAME ACC INITIAL BODY …)'],
  ['repeat', '(map (range N) NAME BODY …)'],
  ['dotimes', '(map (range N) NAME BODY …)'],
  ['int', '(floor A), (ceil A) or (round A)'],
  ['str', '(format "{}" A)'],
  ['return', 'remove it: the value of a function is the value of its BODY'],
  ['is-null', '(null A)'],
  ['is-nil', '(null A)'],
  ['isnull', '(null A)'],
  ['include', 'the files of one policy are listed in the config, under policy.files'],
  ['import', 'the files of one policy are listed in the config, under policy.files'],
  ['defparam', '(param NAME DEFAULT "what it is for")'],
  ['function', '(def NAME (PARAMETER …) BODY)'],
  ['define', '(defvar NAME VALUE), or (def NAME (PARAMETER …) BODY) for a function'],
  ['var', '(defvar NAME VALUE)'],
]);

/** Functions of other languages that define the names in their arguments. */
export const FOREIGN_DEFINERS: ReadonlySet<string> = new Set([
  'defparam',
  'define',
  'for',
  'foreach',
  'function',
  'lambda',
  'var',
]);

/** Fields under the names of libvirt's XML and statistics, and of VDSM. */
export const FOREIGN_FIELDS: ReadonlyMap<string, string> = new Map([
  ['actual', 'balloon_cur'],
  ['currentMemory', 'balloon_cur'],
  ['balloon_current', 'balloon_cur'],
  ['balloon_target', 'balloon_cur'],
  ['maxMemory', 'balloon_max'],
  ['memory', 'balloon_max'],
  ['memSize', 'balloon_max'],
  ['balloon_maximum', 'balloon_max'],
  ['minGuaranteed', 'balloon_min'],
  ['min_guaranteed', 'balloon_min'],
  ['unused', 'mem_unused'],
  ['available', 'mem_available'],
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
