import type { Pages } from './page.ts';

/** Messages about names: of variables, functions, fields, methods, controls and properties. */
export const NAME_PAGES = {
  'unknown-name': {
    meaning: 'A name is neither a variable nor a parameter that exists at this place.',
    why: 'The usual causes are a misspelt name, a text without quotes, and a guest that is used outside of its loop.',
    mend: 'Write the name as it is defined, or define it.',
    wrong: { text: '(if (> (Host.StatAvg mem_free) 1GiB) (debug "enough") nil)' },
    right: { text: '(if (> (Host.StatAvg "mem_free") 1GiB) (debug "enough") nil)' },
  },
  'unknown-function': {
    meaning: 'A call begins with a name that is no function.',
    why: 'Functions of other languages, such as when or print, have other names here.',
    mend: 'Use the function that the message suggests, or define it with `(def NAME (PARAMETER …) BODY)`.',
    wrong: { text: '(when (< Host.mem_free 1GiB) (debug "short of memory"))' },
    right: { text: '(if (< Host.mem_free 1GiB) (debug "short of memory") nil)' },
  },
  'unknown-field': {
    meaning: 'The host or the guest has no field of this name.',
    why: 'A misspelt field would otherwise fail at night, in the one interval in which it is read.',
    mend: 'Write the name as the [reference](../reference.md) has it. A field of a collector of your own is known with `-c CONFIG`.',
    wrong: { text: '(with Guests vm (vm.Control "balloon_target" vm.balloon_curr))' },
    right: { text: '(with Guests vm (vm.Control "balloon_target" vm.balloon_cur))' },
  },
  'unknown-method': {
    meaning: 'The host or the guest has no method of this name, or a field is called as if it were one.',
    why: 'A field is a value and stands without brackets; a method is called.',
    mend: 'Remove the brackets of a field, or write the method as the [reference](../reference.md#methods-of-the-host-and-the-guests) has it.',
    wrong: { text: '(debug (Host.mem_free))' },
    right: { text: '(debug Host.mem_free)' },
  },
  'unknown-control': {
    meaning: 'No controller provides this control for the host or the guest.',
    why: 'The request would change nothing.',
    mend: 'Write the name as the [reference](../reference.md#controls) has it, and check whether it is a control of the host or of a guest.',
    wrong: { text: '(with Guests vm (vm.Control "balloon" vm.balloon_max))' },
    right: { text: '(with Guests vm (vm.Control "balloon_target" vm.balloon_max))' },
  },
  'only-in-mom': {
    meaning: 'A name that policies for MOM use is not there with this configuration, or has another name here.',
    why: 'MOM tunes CPU and I/O, too. In Ballast, collectors and controllers for these are there but not in use by default.',
    mend: 'List the collectors and controllers in the config that the hint names, or use the new name.',
    wrong: { text: '(with Guests vm (debug vm.libvirt_curmem))' },
    right: { text: '(with Guests vm (debug vm.balloon_cur))' },
  },
  'unknown-prop': {
    meaning: 'The host or the guest has no property of this name.',
    why: 'Properties say what a guest is, such as its name; what it does is in its fields.',
    mend: 'Use one of the properties that the message lists, or the field: vm.balloon_cur.',
    wrong: { text: '(with Guests vm (debug (vm.Prop "nam")))' },
    right: { text: '(with Guests vm (debug (vm.Prop "name")))' },
  },
  'no-attribute': {
    meaning: 'Something after a point is asked of a value that has no such parts, such as a number or nil.',
    why: 'Only Host, guests and the rows of statistics have fields.',
    mend: 'Ask the guest itself: the variable holds something else.',
    wrong: { text: '(defvar reserve 2GiB)\n(debug reserve.mem_free)' },
    right: { text: '(defvar reserve 2GiB)\n(debug reserve Host.mem_free)' },
  },
  'bare-method': {
    why: 'The control is not set. Nothing happens, without an error.',
    mend: 'Put brackets around the method and its arguments.',
    wrong: { text: '{ Host.Control "ksm_run" 1 }' },
    right: { text: '(Host.Control "ksm_run" 1)' },
  },
  'hidden-function': {
    why: 'The built-in function is called in its place, as in MOM, and the one of the policy never is.',
    mend: 'Give the function another name.',
    wrong: { text: '(def min (a b) (if (< a b) a b))\n(debug (min 1 2))' },
    right: { text: '(def smaller (a b) (if (< a b) a b))\n(debug (smaller 1 2))' },
  },
  'argument-order': {
    why: 'MOM and Ballast give different results for this call. A policy that came from MOM may rely on that of MOM.',
    mend: 'Give the parameters names that the caller does not use.',
    wrong: {
      text: '(def missing (most least) (- most least))\n(let ((least 2) (most 5)) (debug (missing least most)))',
    },
    right: { text: '(def missing (a b) (- a b))\n(let ((least 2) (most 5)) (debug (missing least most)))' },
  },
} as const satisfies Pages;
