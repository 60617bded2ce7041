import type { Pages } from './page.ts';

/** Warnings about kinds of values: nil, units, and conditions that are always or never true. */
export const TYPE_PAGES = {
  'maybe-nil': {
    why: 'In an interval in which the value is absent, the evaluation of the guest or the file ends with an error, and its requests are dropped. It may be rare enough to pass every trial.',
    mend: 'Test the value first, or give a default for it: `(default vm.swap_in 0)`.',
    wrong: {
      text: '(with Guests vm\n  (if (> vm.swap_in 0)\n      (vm.Control "balloon_target" vm.balloon_max)\n      nil))',
    },
    right: {
      text: '(with Guests vm\n  (if (and (valid vm.swap_in) (> vm.swap_in 0))\n      (vm.Control "balloon_target" vm.balloon_max)\n      nil))',
    },
  },
  'mixed-type': {
    why: 'The evaluation ends with an error whenever the value is of the other kind.',
    mend: 'Use a separate variable for each kind of value.',
    wrong: {
      text: '(defvar limit 1GiB)\n(if (< Host.time_hour 6) (set limit "none") nil)\n(debug (+ limit 1))',
    },
    right: {
      text: '(defvar limit 1GiB)\n(if (< Host.time_hour 6) (set limit 8GiB) nil)\n(debug (+ limit 1))',
    },
  },
  'unit-mismatch': {
    why: 'The result is a number without meaning, often wrong by a factor of a thousand.',
    mend: 'Convert one of the two, or write the literal with the right unit.',
    wrong: { text: '(if (> Host.mem_free 30s) (debug "enough") nil)' },
    right: { text: '(if (> Host.mem_free 30MiB) (debug "enough") nil)' },
  },
  'beyond-share': {
    why: 'The condition is always true or always false: a share is 0.2 and not 20.',
    mend: 'Write the number with a percent sign: 20% is 0.2.',
    wrong: { text: '(if (< (/ Host.mem_free Host.mem_available) 20) (debug "short") nil)' },
    right: { text: '(if (< (/ Host.mem_free Host.mem_available) 20%) (debug "short") nil)' },
  },
  'never-equal': {
    why: 'The comparison has the same result in every interval.',
    mend: 'Compare values of the same kind: numbers without quotes, texts with them.',
    wrong: { text: '(if (== Host.ksm_run "1") (debug "KSM runs") nil)' },
    right: { text: '(if (== Host.ksm_run 1) (debug "KSM runs") nil)' },
  },
  'constant-condition': {
    why: 'One branch is never taken, although the policy looks as if it were.',
    mend: 'Compare with what was meant. A field that may be absent is tested with valid.',
    wrong: { text: '(if (valid Host.mem_free) (debug "known") (debug "unknown"))' },
    right: { text: '(if (valid Host.swap_usage) (debug "known") (debug "unknown"))' },
  },
  'never-true': {
    why: 'What depends on the condition never happens.',
    mend: 'Use or where one of the two is enough, and write labels as they are in the config.',
    wrong: { text: '(if (and (> Host.time_hour 22) (< Host.time_hour 6)) (debug "night") nil)' },
    right: { text: '(if (or (> Host.time_hour 22) (< Host.time_hour 6)) (debug "night") nil)' },
  },
  'swapped-texts': {
    why: 'The search is the wrong way round and finds something only if both texts are equal.',
    mend: 'The text comes first, then what is looked for in it.',
    wrong: { text: '(with Guests vm (if (starts-with "web" (vm.Prop "name")) (debug "web") nil))' },
    right: { text: '(with Guests vm (if (starts-with (vm.Prop "name") "web") (debug "web") nil))' },
  },
  'compared-labels': {
    why: 'The condition holds until a guest gets a second label, and is false from then on.',
    mend: 'Ask for the one label with tagged.',
    wrong: { text: '(with Guests vm (if (== (vm.Prop "labels") "db") (debug "db") nil))' },
    right: { text: '(with Guests vm (if (tagged vm "db") (debug "db") nil))' },
  },
  'control-value': {
    why: 'The request does nothing, or does not what was meant.',
    mend: 'Give a value that the control takes, and leave the Control out where nothing should be requested.',
    wrong: { text: '(Host.Control "ksm_run" (< Host.mem_free 4GiB))' },
    right: { text: '(Host.Control "ksm_run" (if (< Host.mem_free 4GiB) 1 0))' },
  },
  'or-zero': {
    why: 'A value of 0 is replaced by the default, although it is a value: a guest that did not swap counts as one that did.',
    mend: 'Use default, which replaces only nil.',
    wrong: { text: '(with Guests vm (debug (or vm.swap_in 5)))' },
    right: { text: '(with Guests vm (debug (default vm.swap_in 5)))' },
  },
} as const satisfies Pages;
