import type { Pages } from './page.ts';

/** Messages about the characters of a file, before it has any meaning. */
export const TEXT_PAGES = {
  'source-too-long': {
    meaning: 'A policy file, or the file that the formatter would write, is longer than the limit.',
    why: 'A policy of this size is nearly always another file, given by mistake. The limit keeps such a file from holding up the daemon.',
    mend: 'Check that the file is a policy. A real policy of this size can be split: all files of a policy are one program.',
    wrong: { text: '(debug "one line of a very long file")\n'.repeat(8000) },
    right: { text: '(debug "one line of a policy")' },
  },
  'not-text': {
    meaning: 'The file is not text in UTF-8: it is UTF-16, has a byte that UTF-8 does not allow, or has a zero byte.',
    why: 'What such a file says depends on a guess. A policy decides about memory, so nothing in it is guessed.',
    mend: 'Save it as UTF-8. `iconv -f UTF-16 -t UTF-8 OLD > NEW` converts a file that Windows wrote.',
    wrong: { text: '(debug "saved as UTF-16")', damage: 'utf-16' },
    right: { text: '(debug "saved as UTF-8")' },
  },
  'not-a-policy': {
    meaning: 'The file is in another format, such as YAML, JSON, XML or INI.',
    why: 'Without this message, such a file would give an error for each of its characters.',
    mend: 'Give the policy file in its place. Settings of the daemon belong in the config file.',
    wrong: { text: 'policy:\n  files: [/etc/ballast/balloon.policy]\ncollect_interval: 10s' },
    right: { text: '(if (< Host.mem_free 1GiB) (debug "short of memory") nil)' },
  },
  'stray-character': {
    meaning: 'A character has no meaning at this place.',
    why: 'Characters of other languages, such as ; for a comment or = for a comparison, are the usual cause.',
    mend: 'Write what the hint says. Any character is allowed in texts and comments.',
    wrong: { text: '(if (= Host.ksm_run 1) (debug "KSM runs") nil)' },
    right: { text: '(if (== Host.ksm_run 1) (debug "KSM runs") nil)' },
  },
  'bad-number': {
    meaning: 'A word begins like a number and is none.',
    why: 'A number with a leading zero is octal in some languages and decimal in others. Ballast accepts neither reading silently.',
    mend: 'Write a decimal number without a leading zero. Octal numbers begin with 0o, hexadecimal ones with 0x.',
    wrong: { text: '(debug (+ 0644 1))' },
    right: { text: '(debug (+ 644 1))' },
  },
  'number-too-long': {
    meaning: 'A number in the policy has more digits than a literal may have.',
    why: 'No amount of memory and no time needs so many digits; a number of this length is a slip.',
    mend: 'Write the number with a unit: 16GiB in place of its bytes.',
    wrong: { text: `(debug ${'1234567890'.repeat(7)})` },
    right: { text: '(debug 16GiB)' },
  },
  'unclosed-text': {
    meaning: 'A text has a quote at one end only.',
    why: 'Where the text ends is unknown, and so is the meaning of everything after it.',
    mend: 'Put the missing quote. A text that contains " may stand between two of \', and the other way round.',
    wrong: { text: '(debug "short of memory)' },
    right: { text: '(debug "short of memory")' },
  },
  'unclosed-bracket': {
    meaning: 'A bracket is opened and never closed.',
    why: 'Where the form ends is unknown. Ballast looks at the indentation to say where the bracket is probably missing.',
    mend: 'Add the bracket at the end of that form. `ballast fmt` then shows, by its indentation, what belongs together.',
    wrong: {
      text: '(def grow (vm)\n  (vm.Control "balloon_target" vm.balloon_max)\n\n(with Guests vm (grow vm))',
    },
    right: {
      text: '(def grow (vm)\n  (vm.Control "balloon_target" vm.balloon_max))\n\n(with Guests vm (grow vm))',
    },
  },
  'mismatched-bracket': {
    meaning: 'A closing bracket is of another kind than the one that it closes.',
    why: 'One of the two is wrong, and Ballast does not guess which.',
    mend: 'Close ( with ) and { with }. Square brackets have no meaning in a policy.',
    wrong: { text: '(if (< Host.mem_free 1GiB)\n    (debug "short of memory"]\n    nil)' },
    right: { text: '(if (< Host.mem_free 1GiB)\n    (debug "short of memory")\n    nil)' },
  },
  'stray-bracket': {
    meaning: 'A bracket closes nothing: all brackets before it are closed.',
    why: 'Either it is one too many, or an opening one is missing before it and the forms are not what they seem to be.',
    mend: 'Remove it, or add the opening one.',
    wrong: { text: '(debug (+ 1 2)))' },
    right: { text: '(debug (+ 1 2))' },
  },
  'nested-too-deep': {
    meaning: 'Brackets are nested deeper than the limit.',
    why: 'The limit keeps a damaged file from exhausting the daemon. A policy that people can read is far below it.',
    mend: 'Move inner parts into functions, or write a long sum as a loop over a list.',
    wrong: { text: `(debug ${'(+ 1 '.repeat(250)}1${')'.repeat(250)})` },
    right: { text: '(debug (sum (range 250) i 1))' },
  },
  'more-errors': {
    meaning: 'The file has more errors than are shown; this line counts the others.',
    why: 'Many errors usually have one cause, such as a quote that is missing near the beginning.',
    mend: 'Mend the first errors and check again.',
    wrong: { text: '(debug Host.mem_fre)\n'.repeat(60) },
    right: { text: '(debug Host.mem_free)\n'.repeat(60) },
  },
} as const satisfies Pages;
