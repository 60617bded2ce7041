import type { Pages } from './page.ts';

/** Messages about values that a function, a method or a control does not accept. */
export const VALUE_PAGES = {
  'wrong-type': {
    meaning: 'An operator, a function or a form got a value of a kind that it does not accept.',
    why: 'The evaluation of the guest or the file ends there, and its requests are dropped.',
    mend: 'Give what the message asks for. Numbers and durations stand without quotes.',
    wrong: { text: '(if (> (Host.StatAge "mem_free") "60") (debug "old") nil)' },
    right: { text: '(if (> (Host.StatAge "mem_free") 60s) (debug "old") nil)' },
  },
  'not-whole': {
    meaning: 'A fraction is given where only whole numbers have a meaning.',
    why: 'A bit operation and a number of elements have no result for a fraction.',
    mend: 'Round it: floor, ceil or round.',
    wrong: { text: '(debug (count (range (/ 5 2))))' },
    right: { text: '(debug (count (range (floor (/ 5 2)))))' },
  },
  'division-by-zero': {
    meaning: 'A number is divided by zero.',
    why: 'There is no result. The evaluation of the guest or the file ends there, and its requests are dropped.',
    mend: 'Test the divisor first.',
    wrong: { text: '(let ((hours_left (- 23 Host.time_hour)))\n  (debug (/ Host.mem_free hours_left)))' },
    right: {
      text: '(let ((hours_left (- 23 Host.time_hour)))\n  (debug (if (!= hours_left 0) (/ Host.mem_free hours_left) 0)))',
    },
  },
  'bad-pattern': {
    meaning: 'A text is no pattern for matches, or the pattern is too large for what it searches.',
    why: 'A pattern that is not understood matches nothing, and a very large one would hold up the daemon.',
    mend: 'Write it in the syntax of RE2. A bracket or a point that is meant as such has a backslash before it, which is written twice in a text.',
    wrong: { text: '(with Guests vm (if (matches (vm.Prop "name") "web-[0-9") (debug "web") nil))' },
    right: { text: '(with Guests vm (if (matches (vm.Prop "name") "web-[0-9]") (debug "web") nil))' },
  },
  'bad-format': {
    meaning:
      'The text of format has a placeholder that it does not know, or another number of them than there are values.',
    why: 'The line in the log would lack a value or show it in the wrong place.',
    mend: 'Use one `{}` for each value; the [reference](../reference.md#format) lists the others.',
    wrong: { text: '(debug (format "%s KiB are free" Host.mem_free))' },
    right: { text: '(debug (format "{} KiB are free" Host.mem_free))' },
  },
  'bad-bounds': {
    meaning: 'Two bounds contradict each other, or a share is not from 0% to 100%.',
    why: 'With such bounds, the form has no meaning.',
    mend: 'Exchange the two bounds, or write the share in percent.',
    wrong: { text: '(if (hysteresis "enough" Host.mem_free :down 4GiB :up 1GiB) (debug "enough") nil)' },
    right: { text: '(if (hysteresis "enough" Host.mem_free :down 1GiB :up 4GiB) (debug "enough") nil)' },
  },
  'bad-window': {
    meaning: 'The number of samples or the time that a method should look back is impossible.',
    why: 'There is no sample in it, or none is kept for so long.',
    mend: 'Look back at one sample or more, or over a duration within the limit that the message names.',
    wrong: { text: '(debug (Host.StatMin "mem_free" :last 0))' },
    right: { text: '(debug (Host.StatMin "mem_free" :last 6))' },
  },
  'negative-shift': {
    meaning: 'Bits are shifted by a negative number of places.',
    why: 'The direction is in the operator.',
    mend: 'Use the other operator: >> in place of <<.',
    wrong: { text: '(debug (<< 1024 -3))' },
    right: { text: '(debug (>> 1024 3))' },
  },
  'number-too-large': {
    meaning: 'The result of a calculation is greater than any number.',
    why: 'There is no such value. A multiplication or shift in a loop is the usual cause.',
    mend: 'Look for the value that grows, and limit it with min.',
    wrong: { text: '(debug (/ (<< 1 2000) 3))' },
    right: { text: '(debug (/ (<< 1 20) 3))' },
  },
  'not-a-list': {
    meaning:
      'A loop goes over a value that is no list and no text. Where the kind of the value is known before, `ballast check` says [wrong-type](wrong-type.md).',
    why: 'There are no elements to go over. The evaluation of the guest or the file ends there, and its requests are dropped.',
    mend: 'Keep a list under that name: `(list A B …)`.',
    wrong: { text: '(Host.SetVar "hours" Host.time_hour)\n(debug (count (map (Host.GetVar "hours") hour hour)))' },
    right: {
      text: '(Host.SetVar "hours" (list Host.time_hour))\n(debug (count (map (Host.GetVar "hours") hour hour)))',
    },
  },
  'not-a-function': {
    meaning: 'A call begins with the name of a variable.',
    why: 'Brackets mean a call, and only functions can be called.',
    mend: 'Write the variable without brackets.',
    wrong: { text: '(defvar reserve 2GiB)\n(debug (reserve))' },
    right: { text: '(defvar reserve 2GiB)\n(debug reserve)' },
  },
  'no-samples': {
    meaning: 'No sample has been taken of the host or the guest yet, so it has no fields.',
    why: 'It happens in tests and tools. In the daemon a guest without a sample is not offered to the policy.',
    mend: 'Give the guest at least one sample.',
    wrong: { text: '(with Guests vm (debug (vm.Stat "balloon_cur")))', withoutSamples: true },
    right: { text: '(with Guests vm (debug (vm.Stat "balloon_cur")))' },
  },
  'not-storable': {
    meaning: 'A value that cannot be kept, such as a guest or a function, is given to SetVar.',
    why: 'A guest may be gone in the next interval. What is kept must make sense on its own.',
    mend: 'Keep its name or a number.',
    wrong: { text: '(with Guests vm (if (tagged vm "db") (Host.SetVar "largest" vm) nil))' },
    right: { text: '(with Guests vm (if (tagged vm "db") (Host.SetVar "largest" (vm.Prop "name")) nil))' },
  },
  'control-type': {
    meaning: 'A control is set to a value of another kind: a text where it takes a number, or the other way round.',
    why: 'The request would be refused in every interval.',
    mend: 'Remove the quotes around a number, or add those around a text.',
    wrong: { text: '(with Guests vm (vm.Control "balloon_target" "1GiB"))' },
    right: { text: '(with Guests vm (vm.Control "balloon_target" 1GiB))' },
  },
  'control-range': {
    why: 'The value is clamped to the range or refused, so the host does something other than the policy says.',
    mend: 'Write a value within the range; the [reference](../reference.md#controls) lists the range of each control.',
    wrong: { text: '(Host.Control "ksm_run" 7)' },
    right: { text: '(Host.Control "ksm_run" 1)' },
  },
  'plain-duration': {
    why: 'The policy waits a thousand times longer than meant: 30000 is more than eight hours.',
    mend: 'Write the unit: 30s, or 30000s if that is meant.',
    wrong: { text: '(if (held-for "low" (< Host.mem_free 4GiB) 30000) (debug "short") nil)' },
    right: { text: '(if (held-for "low" (< Host.mem_free 4GiB) 30s) (debug "short") nil)' },
  },
} as const satisfies Pages;
