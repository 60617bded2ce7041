import { form, extension, plain } from './declare.ts';

/** For whom, why and how often something is decided. */
export const DECISIONS = [
  extension(
    plain({
      name: 'tagged',
      takes: [2, Infinity],
      signature: '(tagged GUEST "LABEL" …)',
      types: 'guest, text … → truth value',
      doc: 'Whether the guest has one of the labels.',
      examples: [{ policy: '(filter Guests vm (tagged vm "db" "cache"))', value: '[guest db1]' }],
    }),
  ),
  extension(
    form('because', {
      name: 'because',
      takes: [2, Infinity],
      signature: '(because TEXT BODY …)',
      types: 'text, any … → the last',
      doc: 'Evaluates the bodies; every control that is set meanwhile has the text for its reason. Its value is the last.',
      examples: [
        {
          policy: '(because "memory is short"\n  (Host.Control "ksm_run" 1))',
          value: 'nil',
          asks: 'Host ksm_run = 1: memory is short',
        },
      ],
    }),
  ),
  extension(
    form('held', {
      name: 'held-for',
      takes: 3,
      signature: '(held-for NAME CONDITION DURATION)',
      types: 'text, condition, number of s → truth value',
      doc: 'Whether the condition has been true in every evaluation for that long, for the guest of the loop around it, or for the host.',
      effect: true,
      examples: [{ policy: '(held-for "low" (< Host.mem_free 4GiB) 30s)', value: 'false' }],
    }),
  ),
  extension(
    form('pace', {
      name: 'every',
      takes: [2, Infinity],
      signature: '(every DURATION BODY …)',
      types: 'number of s, any … → the last, or nil',
      doc: 'Evaluates the bodies at most once in that time, for each guest of the loop around it; nil otherwise.',
      effect: true,
      examples: [{ policy: '(every 5min (count Guests))', value: '3' }],
    }),
  ),
  extension(
    form('pace', {
      name: 'cooldown',
      takes: [2, Infinity],
      signature: '(cooldown DURATION BODY …)',
      types: 'number of s, any … → the last, or nil',
      doc: 'Evaluates the bodies, but not for that long after they have set a control; nil then.',
      effect: true,
      examples: [
        {
          policy: '(cooldown 1min (Host.Control "ksm_run" 1 "for a minute"))',
          value: 'nil',
          asks: 'Host ksm_run = 1: for a minute',
        },
      ],
    }),
  ),
];
