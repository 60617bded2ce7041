import type { MethodName } from '../builtins/methods.ts';

/** The result of a method. */
export type MethodRule =
  /** The field in the last sample. */
  | 'field'
  /** Always a number in the field's unit. */
  | 'mean'
  /** One of its values, or their difference; nil if there is none. */
  | 'extreme'
  /** Nil until there are enough samples. */
  | 'percentile'
  | 'growth'
  /** Its unit per second. */
  | 'rate'
  /** Seconds. */
  | 'age'
  | 'prop'
  /** The value of a declared parameter. */
  | 'param'
  /** Any value that can be stored. */
  | 'stored'
  /** The requested value of a control. */
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
  StatPercentile: 'percentile',
  StatSameHour: 'percentile',
  Prop: 'prop',
  Param: 'param',
  GetVar: 'stored',
  SetVar: 'nothing',
  Control: 'nothing',
  GetControl: 'asked',
  _set_property: 'nothing',
};
