import { KEPT_DAYS, LEAST_SAMPLES } from '../../model/past.ts';
import type { Declared } from './declare.ts';

/** A method of an entity, as in `(entity.Name …)`. */
export interface Method<Name extends string = string> extends Declared<Name> {
  /** The kind of name in its first argument, which the checker looks up if it is a literal. */
  readonly names: 'field' | 'prop' | 'param' | 'control' | 'variable';
  /** What it takes after its arguments: `:last N`, `:over DURATION`. */
  readonly windows: readonly ('last' | 'over')[];
}

const ONE_ARGUMENT = { minArguments: 1, maxArguments: 1, effect: false } as const;
const TWO_ARGUMENTS = { minArguments: 2, maxArguments: 2, effect: true } as const;

/** Methods over the samples of a field: all samples, or those of a window. */
function overWindow<const Name extends string>(
  entry: Pick<Method<Name>, 'name' | 'since' | 'types' | 'doc' | 'examples'>,
): Method<Name> {
  const { name } = entry;
  const signature = `(ENTITY.${name} "FIELD") (ENTITY.${name} "FIELD" :last N) (ENTITY.${name} "FIELD" :over DURATION)`;
  return { ...ONE_ARGUMENT, ...entry, names: 'field', windows: ['last', 'over'], signature };
}

/** Methods over the complete hours of the last days. */
function overDays<const Name extends string>(
  entry: Pick<Method<Name>, 'name' | 'windows' | 'signature' | 'doc' | 'examples'>,
): Method<Name> {
  return {
    ...{ minArguments: 2, maxArguments: 2, effect: false, names: 'field', since: 'ballast' },
    types: "name of a field in quotes, ratio → number of the field's unit, or nil",
    ...entry,
  };
}

function method<const Name extends string>(entry: Omit<Method<Name>, 'windows' | 'since'>): Method<Name> {
  return { ...entry, windows: [], since: 'mom' };
}

const DECLARATIONS = [
  method({
    minArguments: 1,
    maxArguments: 2,
    effect: false,
    name: 'Stat',
    names: 'field',
    signature: '(ENTITY.Stat "FIELD") (ENTITY.Stat "FIELD" OTHERWISE)',
    types: 'name of a field, any → its value, nil where it has none',
    doc: 'The field in the latest sample; ENTITY.FIELD is the short form. As in MOM, the second argument is for a sample that lacks the field: a field that is nil stays nil; for that use `default`.',
    examples: [
      { policy: '(Host.Stat "mem_free")', value: '2097152' },
      { policy: 'Host.swap_usage', value: 'nil' },
    ],
  }),
  overWindow({
    name: 'StatAvg',
    since: 'mom',
    types: "name of a field → number of the field's unit",
    doc: 'The mean of the field over the samples in which it is not nil; 0 if it is nil in all.',
    examples: [{ policy: '(Host.StatAvg "mem_free")', value: '3145728' }],
  }),
  overWindow({
    name: 'StatMin',
    since: 'ballast',
    types: "name of a field → number of the field's unit, or nil",
    doc: 'The minimum of the field in the samples; nil if it is nil in all.',
    examples: [{ policy: '(Host.StatMin "mem_free")', value: '2097152' }],
  }),
  overWindow({
    name: 'StatMax',
    since: 'ballast',
    types: "name of a field → number of the field's unit, or nil",
    doc: 'The maximum of the field in the samples; nil if it is nil in all.',
    examples: [{ policy: '(Host.StatMax "mem_free" :last 2)', value: '3145728' }],
  }),
  overWindow({
    name: 'StatDelta',
    since: 'ballast',
    types: "name of a field → number of the field's unit, or nil",
    doc: 'The change of the field from the first to the last sample that has it; nil if none has.',
    examples: [{ policy: '(map Guests vm (vm.StatDelta "swap_in" :over 15s))', value: '[0 200 nil]' }],
  }),
  overWindow({
    name: 'StatRate',
    since: 'ballast',
    types: "name of a field → number of the field's unit per second, or nil",
    doc: 'The change as in StatDelta, per second between these two samples; nil if no time has passed between them.',
    examples: [{ policy: '(map Guests vm (vm.StatRate "swap_in"))', value: '[0 15 nil]' }],
  }),
  overWindow({
    name: 'StatTrend',
    since: 'ballast',
    types: "name of a field → number of the field's unit per second, or nil",
    doc: 'The slope of the field per second: a least-squares line through all samples that have it; nil if there is no slope.',
    examples: [{ policy: '(Host.StatTrend "mem_free")', value: '-104857.6' }],
  }),
  overWindow({
    name: 'StatAge',
    since: 'ballast',
    types: 'name of a field → number of s, or nil',
    doc: 'Seconds since the newest sample in which the field was not nil; nil if it is nil in all. Also works for texts.',
    examples: [{ policy: '(map Guests vm (vm.StatAge "usable"))', value: '[0 0 20]' }],
  }),
  overDays({
    name: 'StatPercentile',
    windows: ['over'],
    signature: '(ENTITY.StatPercentile "FIELD" SHARE) (ENTITY.StatPercentile "FIELD" SHARE :over DURATION)',
    doc: `A percentile of the field over the complete hours of the last ${KEPT_DAYS} days, or of the last hours; nil if they have fewer than ${LEAST_SAMPLES} samples in which it is not nil. Within 2 % of the exact value.`,
    examples: [
      { policy: '(map Guests vm (vm.StatPercentile "mem_unused" 95%))', value: '[2097152 524288 nil]' },
      { policy: '(Host.StatPercentile "mem_free" 5% :over 1d)', value: '1048576' },
    ],
  }),
  overDays({
    name: 'StatSameHour',
    windows: [],
    signature: '(ENTITY.StatSameHour "FIELD" SHARE)',
    doc: `The same percentile over only those hours of the last ${KEPT_DAYS} days that are the current hour of the day, by the host's clock.`,
    examples: [
      { policy: '(map Guests vm (default (vm.StatSameHour "mem_unused" 95%) 0))', value: '[2097152 524288 0]' },
    ],
  }),
  method({
    ...ONE_ARGUMENT,
    name: 'Prop',
    signature: '(ENTITY.Prop "NAME")',
    types: 'name of a property → text, number or nil',
    doc: 'A property, such as the name of a guest.',
    examples: [{ policy: '(map Guests vm (vm.Prop "name"))', value: '["batch1" "db1" "web1"]' }],
    names: 'prop',
  }),
  {
    ...ONE_ARGUMENT,
    name: 'Param',
    since: 'ballast',
    windows: [],
    signature: '(ENTITY.Param "NAME")',
    types: 'name of a parameter → its value',
    doc: 'The value of a parameter for this guest, or the general one for the host. For a guest that a variable holds outside of a loop, where the name alone is the general value.',
    examples: [
      {
        policy:
          '(param shares 1000 "The weight of a guest")\n(let ((vm (max-of Guests g g.mem_unused))) (if (valid vm) (vm.Param "shares") shares))',
        value: '1000',
      },
    ],
    names: 'param',
  },
  method({
    ...ONE_ARGUMENT,
    name: 'GetVar',
    signature: '(ENTITY.GetVar "NAME")',
    types: 'name of a variable → what was stored, or nil',
    doc: 'The value stored by SetVar, in this interval or an earlier one; nil if there is none.',
    examples: [{ policy: '(Host.GetVar "never stored")', value: 'nil' }],
    names: 'variable',
  }),
  method({
    ...TWO_ARGUMENTS,
    name: 'SetVar',
    signature: '(ENTITY.SetVar "NAME" VALUE)',
    types: 'name of a variable, number, text, nil or list → nil',
    doc: 'Stores a number, a text, nil or a list of these until the daemon exits. Returns nil.',
    examples: [{ policy: '(Host.SetVar "calm" (list 1 2))\n(Host.GetVar "calm")', value: '[1 2]' }],
    names: 'variable',
  }),
  method({
    name: 'Control',
    minArguments: 2,
    maxArguments: 3,
    signature: '(ENTITY.Control "NAME" VALUE) (ENTITY.Control "NAME" VALUE "REASON")',
    types: "name of a control, value of the control's unit, text → nil",
    doc: 'Requests a value for a control; the last call in an interval takes effect. The third argument is the reason for the log. Returns nil.',
    examples: [
      {
        policy: '(Host.Control "ksm_run" 1 "memory is short")',
        value: 'nil',
        asks: 'Host ksm_run = 1: memory is short',
      },
    ],
    effect: true,
    names: 'control',
  }),
  method({
    ...ONE_ARGUMENT,
    name: 'GetControl',
    signature: '(ENTITY.GetControl "NAME")',
    types: 'name of a control → what was asked for, or nil',
    doc: 'The value requested by Control in this interval; nil if there is none.',
    examples: [{ policy: '(Host.Control "ksm_run" 1)\n(Host.GetControl "ksm_run")', value: '1' }],
    names: 'control',
  }),
  method({
    ...TWO_ARGUMENTS,
    name: '_set_property',
    signature: '(ENTITY._set_property "NAME" VALUE)',
    types: 'name of a property, number, text or nil → nil',
    doc: "Changes what Prop returns for the rest of this evaluation. Only provided for compatibility with MOM's policies.",
    examples: [{ policy: '(Host._set_property "name" "gold")\n(Host.Prop "name")', value: '"gold"' }],
    names: 'prop',
  }),
] as const;

/** The type of tables with an entry for each method. */
export type MethodName = (typeof DECLARATIONS)[number]['name'];

export const METHOD_LIST: readonly Method<MethodName>[] = DECLARATIONS;

export const METHODS: ReadonlyMap<string, Method<MethodName>> = new Map(METHOD_LIST.map((each) => [each.name, each]));
