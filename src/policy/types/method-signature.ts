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

/** What an entity's method takes and gives. */
export interface MethodSignature {
  /** As people read it. */
  readonly text: string;
  readonly rule: MethodRule;
}

const signature = (rule: MethodRule, text: string): MethodSignature => ({ rule, text });

export const METHOD_SIGNATURES = {
  field: signature('field', 'name of a field → its value, nil where it is absent'),
  mean: signature('mean', "name of a field → number of the field's unit"),
  extreme: signature('extreme', "name of a field → number of the field's unit, or nil"),
  growth: signature('growth', "name of a field → number of the field's unit, or nil"),
  rate: signature('rate', "name of a field → number of the field's unit per second, or nil"),
  age: signature('age', 'name of a field → number of s, or nil'),
  prop: signature('prop', 'name of a property → text, number or nil'),
  stored: signature('stored', 'name of a variable → what was stored, or nil'),
  store: signature('nothing', 'name of a variable, number, text, nil or list → nil'),
  control: signature('nothing', "name of a control, value of the control's unit, text → nil"),
  asked: signature('asked', 'name of a control → what was asked for, or nil'),
  setProp: signature('nothing', 'name of a property, number, text or nil → nil'),
} as const;
