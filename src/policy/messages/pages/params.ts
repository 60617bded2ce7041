import type { Pages } from './page.ts';

/** Messages about parameters: their declarations, and the values that operators give them. */
export const PARAM_PAGES = {
  'bad-param': {
    meaning:
      'The declaration of a parameter contradicts itself or is not at the top level: its default is out of its range, its bounds are of another kind, or the like.',
    why: 'Operators rely on the declaration: `ballast params` shows it, and their values are checked against it.',
    mend: 'Make default, range and choices fit each other.',
    wrong: { text: '(param share 20% "part of the shortage" :max 10%)\n(debug share)' },
    right: { text: '(param share 20% "part of the shortage" :max 50%)\n(debug share)' },
  },
  'duplicate-param': {
    meaning: 'Two declarations, perhaps in two files of the policy, declare a parameter of the same name.',
    why: 'Each has its own default and range, and a value that the operator gives would be for one of them only.',
    mend: 'Keep one declaration, or rename one of the parameters.',
    wrong: {
      text: '(param reserve 2GiB "memory to keep free")\n(param reserve 4GiB "memory at night")\n(debug reserve)',
    },
    right: {
      text: '(param reserve 2GiB "memory to keep free")\n(param reserve_at_night 4GiB "memory at night")\n(debug (if (< Host.time_hour 6) reserve_at_night reserve))',
    },
  },
  'fixed-param': {
    meaning:
      'A defvar sets the name before the declaration of the parameter, so a value of the operator has no effect. `ballast check` warns of it, and a value that is given is refused.',
    why: 'Without this message, `ballast params set` would accept a value that the policy never reads.',
    mend: 'Remove the defvar, and set the value under `policy.parameters` in the config.',
    wrong: {
      text: '(defvar reserve 4GiB)\n(param reserve 2GiB "memory to keep free")\n(debug reserve)',
      parameters: 'reserve: 3GiB',
    },
    right: {
      text: '(param reserve 2GiB "memory to keep free")\n(debug reserve)',
      parameters: 'reserve: 3GiB',
    },
  },
  'param-value': {
    meaning: 'A value that was given for a parameter does not fit it: its kind, its range or its choices.',
    why: 'A value of another unit is wrong by a factor of a thousand or more.',
    mend: 'Write the value as the default is written; `ballast params` shows it with the range.',
    wrong: {
      text: '(param reserve 2GiB "memory to keep free" :max 8GiB)\n(debug reserve)',
      parameters: 'reserve: 16GiB',
    },
    right: {
      text: '(param reserve 2GiB "memory to keep free" :max 8GiB)\n(debug reserve)',
      parameters: 'reserve: 6GiB',
    },
  },
  'unknown-param': {
    meaning: 'A value is given for a parameter, or the policy asks for one, that no file of the policy declares.',
    why: 'A misspelt name would leave the default in effect, unseen.',
    mend: 'Write the name as it is declared; `ballast params` lists all.',
    wrong: {
      text: '(param reserve 2GiB "memory to keep free")\n(debug reserve)',
      parameters: 'reserv: 3GiB',
    },
    right: {
      text: '(param reserve 2GiB "memory to keep free")\n(debug reserve)',
      parameters: 'reserve: 3GiB',
    },
  },
  'param-outside': {
    meaning:
      'A value for some guests is given for a parameter that the policy reads outside of loops over guests, where it decides about all of them.',
    why: 'Outside of a loop there is no guest whose value could apply: only the value for all has an effect there.',
    mend: 'In the policy, read the parameter inside of `(with Guests …)`, or give one value for all.',
    wrong: {
      text: '(param step 256MiB "how much a guest gets")\n(defvar much (* 2 step))\n(with Guests vm (vm.Control "balloon_target" (+ vm.balloon_cur much)))',
      parameters: 'step:\n  labels:\n    db: 512MiB',
    },
    right: {
      text: '(param step 256MiB "how much a guest gets")\n(with Guests vm (vm.Control "balloon_target" (+ vm.balloon_cur (* 2 step))))',
      parameters: 'step:\n  labels:\n    db: 512MiB',
    },
  },
  'suspicious-param': {
    meaning: 'A text is given for a parameter that the policy never compares it with.',
    why: 'The text has the same effect as any other that the policy does not know, which is seldom what was meant.',
    mend: 'Give one of the texts that the message lists. A policy that declares them with `:one-of` refuses others.',
    wrong: {
      text: '(param mode "soft" "how hard to take memory")\n(if (== mode "hard") (debug "hard") (debug "soft"))',
      parameters: 'mode: Hard',
    },
    right: {
      text: '(param mode "soft" "how hard to take memory")\n(if (== mode "hard") (debug "hard") (debug "soft"))',
      parameters: 'mode: hard',
    },
  },
} as const satisfies Pages;
