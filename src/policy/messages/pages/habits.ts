import type { Pages } from './page.ts';

/** Warnings about what a policy does not do, or does elsewhere than it seems: unused parts, hidden names, pace. */
export const HABIT_PAGES = {
  'always-acts': {
    why: 'The control is set in every interval, whatever the condition is.',
    mend: 'Use if, which evaluates only the branch that it takes.',
    wrong: { text: '(and (< Host.mem_free 1GiB) (Host.Control "ksm_run" 1))' },
    right: { text: '(if (< Host.mem_free 1GiB) (Host.Control "ksm_run" 1) nil)' },
  },
  'unused-value': {
    why: 'A condition that stands like this does not limit what follows it.',
    mend: 'Combine conditions with and, and remove what has no effect.',
    wrong: {
      text: '(def short (vm)\n  (< vm.mem_unused 256MiB)\n  (< Host.mem_free 4GiB))\n(with Guests vm (if (short vm) (debug "short") nil))',
    },
    right: {
      text: '(def short (vm)\n  (and (< vm.mem_unused 256MiB)\n       (< Host.mem_free 4GiB)))\n(with Guests vm (if (short vm) (debug "short") nil))',
    },
  },
  'unused-name': {
    why: 'Something that was meant to be used is not, or another name is used in its place.',
    mend: 'Use it or remove it. A name that begins with _ may stay unused.',
    wrong: { text: '(defvar reserve 2GiB)\n(if (< Host.mem_free 1GiB) (debug "short") nil)' },
    right: { text: '(defvar reserve 2GiB)\n(if (< Host.mem_free reserve) (debug "short") nil)' },
  },
  'unused-function': {
    why: 'What the function would do never happens.',
    mend: 'Call it or remove it. A name that begins with _ may stay unused.',
    wrong: { text: '(def grow (vm) (vm.Control "balloon_target" vm.balloon_max))\n(debug "nothing grows")' },
    right: { text: '(def grow (vm) (vm.Control "balloon_target" vm.balloon_max))\n(with Guests vm (grow vm))' },
  },
  'no-effect': {
    why: 'defvar sets a variable only if it does not exist yet. The second value is never in effect.',
    mend: 'Change the variable with set, or give the second one another name.',
    wrong: { text: '(defvar reserve 2GiB)\n(defvar reserve 4GiB)\n(debug reserve)' },
    right: { text: '(defvar reserve 2GiB)\n(set reserve 4GiB)\n(debug reserve)' },
  },
  'used-early': {
    why: 'A policy is evaluated from top to bottom. In the interval in which this branch is taken, the name does not exist yet.',
    mend: 'Move the definition before its use.',
    wrong: { text: '(if (< Host.mem_free 1GiB) (debug reserve) nil)\n(defvar reserve 2GiB)' },
    right: { text: '(defvar reserve 2GiB)\n(if (< Host.mem_free 1GiB) (debug reserve) nil)' },
  },
  endless: {
    why: 'The evaluation ends with an error, and the requests of the file are dropped.',
    mend: 'Call it again only under a condition that becomes false.',
    wrong: { text: '(def total (n) (+ n (total (- n 1))))\n(debug (total 3))' },
    right: { text: '(def total (n) (if (> n 0) (+ n (total (- n 1))) 0))\n(debug (total 3))' },
  },
  'hides-global': {
    why: 'Names are looked up where a function is called, as in MOM: functions that are called inside see the parameter in place of the variable.',
    mend: 'Give one of the two another name.',
    wrong: { text: '(defvar reserve 2GiB)\n(def above (reserve) (> Host.mem_free reserve))\n(debug (above reserve))' },
    right: { text: '(defvar reserve 2GiB)\n(def above (bound) (> Host.mem_free bound))\n(debug (above reserve))' },
  },
  'hides-variable': {
    why: 'Inside of the loop, the name is another thing than before and after it.',
    mend: 'Give one of the two another name.',
    wrong: { text: '(defvar vm 3)\n(with Guests vm (debug vm.mem_unused))\n(debug vm)' },
    right: { text: '(defvar limit 3)\n(with Guests vm (debug vm.mem_unused))\n(debug limit)' },
  },
  'name-of-function': {
    why: 'As long as the variable has a value, a call of the function is an error.',
    mend: 'Give the variable another name.',
    wrong: { text: '(defvar max 3)\n(debug (max 1 2) max)' },
    right: { text: '(defvar most 3)\n(debug (max 1 2) most)' },
  },
  'shared-name': {
    why: 'A timer belongs to its name. Two conditions on one timer reset each other, and neither holds for as long as it should.',
    mend: 'Use a name of its own for each condition.',
    wrong: {
      text: '(if (held-for "low" (< Host.mem_free 4GiB) 1min) (debug "low") nil)\n(if (held-for "low" (< Host.mem_free 1GiB) 30s) (debug "very low") nil)',
    },
    right: {
      text: '(if (held-for "low" (< Host.mem_free 4GiB) 1min) (debug "low") nil)\n(if (held-for "very low" (< Host.mem_free 1GiB) 30s) (debug "very low") nil)',
    },
  },
  'pace-of-host': {
    why: 'There is one timer for the whole host. If the variable holds another guest in the next interval, the time of the first one counts for it.',
    mend: 'Evaluate it in a loop over that guest, where each guest has a timer of its own.',
    wrong: {
      text: '(let ((g (first Guests)))\n  (if (valid g) (cooldown 1min (g.Control "balloon_target" g.balloon_max)) nil))',
    },
    right: {
      text: '(let ((g (first Guests)))\n  (if (valid g)\n      (map (list g) vm (cooldown 1min (vm.Control "balloon_target" vm.balloon_max)))\n      nil))',
    },
  },
  'param-of-host': {
    why: 'A value that the operator gives for this guest or for its label has no effect.',
    mend: 'Read the parameter in a loop over guests, or ask for the value of the guest: `(g.Param "share")`.',
    wrong: {
      text: '(param share 50% "part of its memory")\n(let ((g (first Guests)))\n  (if (valid g) (g.Control "balloon_target" (* share g.balloon_max)) nil))',
    },
    right: {
      text: '(param share 50% "part of its memory")\n(let ((g (first Guests)))\n  (if (valid g) (g.Control "balloon_target" (* (g.Param "share") g.balloon_max)) nil))',
    },
  },
  'unknown-allow': {
    why: 'The comment allows nothing, and the warning that it is about stays or comes back.',
    mend: 'Write the code as it stands in brackets behind the warning.',
    wrong: { text: '(debug "always") # ballast: allow constant-conditions' },
    right: { text: '(if (valid Host.mem_free) (debug 1) nil) # ballast: allow constant-condition' },
  },
  'unused-allow': {
    why: 'The comment may hide a warning that comes later, about something else.',
    mend: 'Remove it, or move it to the line of the warning.',
    wrong: { text: '# ballast: allow maybe-nil\n(debug Host.mem_free)' },
    right: { text: '(debug Host.mem_free)' },
  },
} as const satisfies Pages;
