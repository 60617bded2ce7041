import type { Pages } from './page.ts';

const LATER =
  'The evaluation of the file, or of the guest, ends there, and its requests are dropped: the host is left as it is.';

/** Messages about limits, which keep a policy from holding up or exhausting the daemon. */
export const BOUND_PAGES = {
  'too-many-arguments': {
    meaning: 'A call, a function or a let has more parts than the limit.',
    why: 'The JavaScript engine that runs policies has such a limit, too.',
    mend: 'Join the values into lists, or compute them in a loop.',
    wrong: { text: `(debug (count (list${' 1'.repeat(300)})))` },
    right: { text: '(debug (count (map (range 300) i 1)))' },
  },
  'too-many-ways': {
    meaning:
      'A variable has the name of a form, and this form is nested inside itself many times. As in MOM, which of the two is meant is decided while the policy runs.',
    why: 'Each nested form doubles what has to be prepared, so the limit is reached quickly.',
    mend: 'Rename the variable.',
    wrong: { text: `(defvar if 1)\n(debug ${'(if 1 '.repeat(20)}1${' 2)'.repeat(20)})` },
    right: { text: '(defvar when_short 1)\n(debug (if when_short 1 2))' },
  },
  'too-many-steps': {
    meaning: 'The evaluation of a file, or of one guest, took more steps than the limit.',
    why: LATER,
    mend: 'Look for a recursion that does not end, and for loops inside of loops.',
    wrong: { text: '(debug (sum (range 2000) i (sum (range 2000) j (* i j))))' },
    right: { text: '(debug (sum (range 200) i (sum (range 200) j (* i j))))' },
  },
  'too-slow': {
    meaning: 'The evaluation of a file took longer than the limit, although it had steps left.',
    why: LATER,
    mend: 'Look for the loop that takes so long. If the policy is small, the host itself is too busy to run it.',
    wrong: { text: '(debug (sum (range 90000) i (* i i)))', onSlowHost: true },
    right: { text: '(debug (sum (range 900) i (* i i)))' },
  },
  'calls-too-deep': {
    meaning: 'Functions call each other deeper than the limit.',
    why: LATER,
    mend: 'Let the recursion end earlier, or write it as a loop: sum, fold or map.',
    wrong: { text: '(def total (n) (if (== n 0) 0 (+ n (total (- n 1)))))\n(debug (total 5000))' },
    right: { text: '(debug (sum (range 5000) n n))' },
  },
  'text-too-long': {
    meaning: 'A text became longer than the limit.',
    why: LATER,
    mend: 'Look for a text that grows in a loop.',
    wrong: { text: '(debug (count (* "x" 100000)))' },
    right: { text: '(debug (count (* "x" 1000)))' },
  },
  'list-too-long': {
    meaning: 'A list became longer than the limit.',
    why: LATER,
    mend: 'Look for a list that grows in a loop, or a range that is too large.',
    wrong: { text: '(debug (count (range 200000)))' },
    right: { text: '(debug (count (range 2000)))' },
  },
  'list-too-deep': {
    meaning: 'Lists are nested in lists deeper than the limit.',
    why: LATER,
    mend: 'Add to the list in place of putting it into a new one.',
    wrong: { text: '(Host.SetVar "seen" (fold (range 200) i nested (list) (list nested i)))' },
    right: { text: '(Host.SetVar "seen" (fold (range 200) i flat (list) (+ flat (list i))))' },
  },
  'value-too-large': {
    meaning: 'A value that is kept or requested holds more numbers and characters than the limit.',
    why: LATER,
    mend: 'Keep less: a number or a short text for each guest.',
    wrong: { text: '(Host.SetVar "seen" (range 70000))' },
    right: { text: '(Host.SetVar "seen" (range 700))' },
  },
  'too-much-memory': {
    meaning: 'Lists and texts of one evaluation use more memory than the limit.',
    why: LATER,
    mend: 'Look for lists and texts that are built anew in each step of a loop.',
    wrong: { text: '(debug (count (map (range 2000) i (* "x" 60000))))' },
    right: { text: '(debug (count (map (range 200) i (* "x" 600))))' },
  },
  'too-much-output': {
    meaning: 'The lines of debug, the requests and the errors of one evaluation are longer than the limit.',
    why: 'The log and the recording would fill the disk.',
    mend: 'Remove debug from loops, or write less in each line.',
    wrong: { text: '(map (range 200) i (debug (* "x" 60000)))' },
    right: { text: '(map (range 20) i (debug i))' },
  },
  'too-much-kept': {
    meaning: 'The variables and timers of the host and of all guests together hold more than the limit.',
    why: 'The daemon keeps them in memory and in its state file.',
    mend: 'Keep less with SetVar.',
    wrong: { text: '(map (range 30) i (Host.SetVar (format "v{}" i) (* "x" 60000)))' },
    right: { text: '(map (range 30) i (Host.SetVar (format "v{}" i) "x"))' },
  },
  'too-many-variables': {
    meaning: 'SetVar would keep more variables for the host, or for one guest, than the limit.',
    why: 'Names that are computed, for example from the time, grow without end.',
    mend: 'Use a fixed number of names.',
    wrong: { text: '(map (range 300) i (Host.SetVar (format "hour {}" i) i))' },
    right: { text: '(map (range 24) i (Host.SetVar (format "hour {}" i) i))' },
  },
  'too-many-timers': {
    meaning:
      'held-for, every, cooldown, hysteresis and mark would keep more timers for the host, or for one guest, than the limit.',
    why: 'Each name is a timer of its own, and computed names grow without end.',
    mend: 'Use a fixed number of names.',
    wrong: { text: '(map (range 300) i (mark (format "timer {}" i)))' },
    right: { text: '(map (range 3) i (mark (format "timer {}" i)))' },
  },
} as const satisfies Pages;
