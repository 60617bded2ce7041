import type { MethodName } from '../builtins/methods.ts';

/** What a method gives for a name. */
export type MethodRule =
  /** The field in the last sample. */
  | 'field'
  /** A number of the field's unit, always. */
  | 'mean'
  /** One of its values, or their difference; nil when there is none. */
  | 'extreme'
  | 'growth'
  /** Its unit per second. */
  | 'rate'
  /** Seconds. */
  | 'age'
  | 'prop'
  /** Anything that can be stored. */
  | 'stored'
  /** What was asked of a control. */
  | 'asked'
  | 'nothing';

export const METHOD_RULES: Readonly<Record<MethodName, MethodRule>> = {
  Stat: 'field',
  StatAvg: 'mean',
  StatMin: 'extreme',
  StatMax: 'extreme',
  StatDelta: 'growth',
  StatRate: 'rate',
  StatTrend: 'rate',
  StatAge: 'age',
  Prop: 'prop',
  GetVar: 'stored',
  SetVar: 'nothing',
  Control: 'nothing',
  GetControl: 'asked',
  _set_property: 'nothing',
};
