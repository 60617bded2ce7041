import { form, extension, plain } from './declare.ts';

/** Iteration over guests, reasons and timing. */
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
      doc: 'Evaluates the bodies and returns the last value; the text is the reason of every control that they set.',
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
      doc: 'Whether the condition has been true in every evaluation for that long, for the guest of the enclosing loop, or for the host.',
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
      doc: 'Evaluates the bodies at most once in that time, for each guest of the enclosing loop; otherwise nil.',
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
      doc: 'Evaluates the bodies, but returns nil for that long after they have set a control.',
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
  extension(
    plain({
      name: 'hysteresis',
      takes: 4,
      signature: '(hysteresis NAME VALUE :down LOW :up HIGH)',
      types: 'text, numbers → truth value',
      doc: 'True once the value rose above HIGH, until it falls below LOW; remembered under the name for the guest of the enclosing loop, or for the host.',
      examples: [
        {
          policy: '(map Guests vm (hysteresis "roomy" vm.mem_unused :down 256MiB :up 512MiB))',
          value: '[true false false]',
        },
      ],
    }),
  ),
  extension(
    plain({
      name: 'mark',
      takes: 1,
      signature: '(mark EVENT)',
      types: 'text → nil',
      doc: 'Remembers that the event happened now, for the guest of the enclosing loop, or for the host. Returns nil.',
      effect: true,
      examples: [{ policy: '(mark "relief")', value: 'nil' }],
    }),
  ),
  extension(
    plain({
      name: 'time-since',
      takes: 1,
      signature: '(time-since EVENT)',
      types: 'text → number of s, or nil',
      doc: 'The time since the event was last marked; nil before the first time.',
      examples: [
        { policy: '(time-since "relief")', value: 'nil' },
        { policy: '(mark "relief")\n(time-since "relief")', value: '0' },
      ],
    }),
  ),
];
