import type { FaultCode } from '../catalogue.ts';

/** The codes that a warning can have: those that a comment can allow. What they mean is for the reference. */
export const WARNINGS = {
  'argument-order': 'MOM would have evaluated an argument with the value of a parameter',
  'bare-method': 'A method stands without brackets, so nothing calls it',
  'beyond-share':
    'A share of 0 to 1, such as free memory by all memory, is compared with a number that no share reaches: 20 where 20% is meant',
  'constant-condition': 'A condition is always true or always false',
  'control-range': 'A control is asked for a value that it does not take',
  'hidden-function': 'A function is never called, because one of the language has its name',
  'hides-global': 'A parameter has the name of a variable of the top level',
  'maybe-nil': 'A value that may be nil goes into something that takes no nil',
  'mixed-type': 'A value is of several kinds, of which some do not go into this',
  'never-equal': 'Values of different kinds are compared with == or !=',
  'shared-name': 'Two held-for with different conditions have one name: what one remembers the other changes',
  'unit-mismatch': 'Numbers of different units are added or compared, or a control is given one of another unit',
  'unknown-allow': 'An allow comment names a code that no warning has',
  unreachable: 'A clause comes after one that is always taken',
  'used-early':
    'A branch or a loop uses a variable or function that is made only after it (where it is used in any case, that is an error)',
  'unused-allow': 'An allow comment silences nothing',
  'unused-function': 'A function is never called',
  'unused-name': 'A variable or parameter is never read',
} as const satisfies Partial<Record<FaultCode, string>>;
