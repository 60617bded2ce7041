import { z } from 'zod';
import type { ControlDecl, PolicyScalar } from '../../model/control.ts';
import type { FieldDecl } from '../../model/field.ts';
import { LABEL, LABEL_FORM } from '../../model/labels.ts';
import { oldTimer } from '../../model/old-timers.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import { JSON_PARAMS } from './json-params.ts';
import { NODES } from './nodes.ts';
import { rowSchema } from './rows.ts';

/**
 * The schema of a policy test file. It is generated from the existing fields and controls, so that misspelt names are found
 * when the tests run, and completed in an editor.
 */
export function testFileSchema(vocabulary: Vocabulary) {
  const path = () => text('a path').min(1, { error: 'is empty: it is the path of a policy' });
  const controls = (scope: ControlDecl['scope']) => vocabulary.controls.filter((control) => control.scope === scope);
  const hostValues = entity(vocabulary.hostFields, vocabulary.hostProps, {}).meta({ id: 'host-values' });
  const guestValues = entity(
    vocabulary.guestFields,
    vocabulary.guestProps.filter((name) => name !== 'labels'),
    {
      labels: z
        .union([label(), z.array(label())], { error: 'is a label or a list of labels, such as [db, tier-1]' })
        .optional()
        .meta({ description: 'The labels that (tagged …) sees.' }),
    },
  ).meta({ id: 'guest-values' });
  const guests = named(guestValues.nullable(), 'The guests by name; null takes one away that was there before.').meta({
    id: 'guests',
  });
  const expected = expectation(wants(controls('host')), wants(controls('guest'))).meta({ id: 'expectation' });
  const recording = group(
    {
      file: text('the path of a recording')
        .min(1, { error: 'is empty: it is the path of a recording' })
        .meta({ description: 'A recording, relative to this file.' }),
      at: text('a time, such as +5min, 03:04:05Z or 2026-01-02T03:04:05Z').meta({
        description:
          'The moment: 2026-01-02T03:04:05Z, 03:04:05Z (UTC) or +5min from its beginning. The last evaluation up to then counts.',
      }),
    },
    'file and at',
  ).meta({
    description:
      'Host and guests as they were at a moment of a recording; host and guests of the case change single values of it.',
  });
  const interval = group(
    {
      after: text('a duration, such as 30s')
        .optional()
        .meta({ description: 'Time since the interval before, such as 30s.' }),
      host: hostValues.optional(),
      guests: guests.optional(),
      expect: expected.optional(),
    },
    'after, host, guests and expect',
  ).meta({ description: 'One evaluation. Values that it does not give stay as they were.' });
  const common = {
    params: z
      .unknown()
      .optional()
      .meta({ description: 'Parameters of the policy, as policy.parameters of the config has them.', ...JSON_PARAMS }),
    interval: text('a duration, such as 10s').optional().meta({
      description:
        'The time between two intervals, and between the samples of a list, unless an interval says otherwise; 10s.',
    }),
    history: z
      .int({ error: 'is a whole number from 1 to 1000' })
      .min(1, { error: 'is a whole number from 1 to 1000' })
      .max(1000, { error: 'is a whole number from 1 to 1000' })
      .optional()
      .meta({ description: 'How many samples are kept; 10. A recording has its own number.' }),
  };
  const oneCase = group(
    {
      name: text('a description of the case')
        .min(1, { error: 'is empty: describe the case' })
        .meta({ description: 'What the case shows.' }),
      for: z
        .array(rowSchema, { error: 'is a list of rows, such as [{free: 1GiB, target: 2GiB}]' })
        .min(1, { error: 'has no row' })
        .optional()
        .meta({ description: 'A table: the case is run for each row, ${NAME} standing for the value of the row.' }),
      ...common,
      host: hostValues.optional(),
      guests: guests.optional(),
      vars: variables('What SetVar has stored before.').optional(),
      recording: recording.optional(),
      expect: expected.optional(),
      intervals: z
        .array(interval, {
          error: 'is a list of intervals, such as [{expect: nothing}, {after: 30s, expect: nothing}]',
        })
        .min(1, { error: 'has no interval' })
        .optional()
        .meta({ description: 'Several evaluations in a row.' }),
    },
    'name, host, guests, expect and so on',
  );
  return group(
    {
      policy: z
        .union([path(), z.array(path()).min(1, { error: 'names no policy' })], {
          error: 'is a policy file or a list of them',
        })
        .meta({ description: 'The policy under test, relative to this file; several files form one program.' }),
      ...common,
      defaults: group(
        {
          host: hostValues.optional(),
          guest: guestValues.optional().meta({ description: 'Values that every guest begins with.' }),
          guests: guests.optional(),
        },
        'host, guest and guests',
      )
        .optional()
        .meta({ description: 'What every case begins with that is not of a recording.' }),
      cases: z
        .array(oneCase, { error: 'is a list of cases, each beginning with a dash' })
        .min(1, { error: 'has no cases' }),
    },
    'policy and cases',
  );
}

export const NOTHING = 'nothing';

type Shape = z.core.$ZodLooseShape;

function group<T extends Shape>(shape: T, keys: string) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'invalid_type' ? `is a group of keys: ${keys}` : undefined),
  });
}

function text(what: string) {
  return z.string({ error: `is ${what}` });
}

function label() {
  return z.string().regex(LABEL, {
    error: ({ input }) => {
      const several = String(input)
        .split(/[\s,]+/)
        .filter((each) => LABEL.test(each));
      const list = several.length > 1 ? `; several labels are a list: [${several.join(', ')}]` : '';
      return `is not a label: ${LABEL_FORM}${list}`;
    },
  });
}

const SCALAR = z
  .union([z.number(), z.string(), z.boolean(), z.null()], {
    error: 'is a value: a number, a quantity such as 512MiB, a text, true, false, or null for nil',
  })
  .meta({ id: 'scalar' });

const READING = z
  .union([SCALAR, z.array(SCALAR).min(1, { error: 'has no value' })], {
    error: 'is a value, or a list of the values of the samples, oldest first',
  })
  .meta({ id: 'reading' });

function entity<T extends Shape>(fields: readonly FieldDecl[], propNames: readonly string[], more: T) {
  const reading = (decl: FieldDecl) =>
    (decl.holds === 'nodes' ? NODES : READING).optional().meta({
      description: `${decl.doc}${decl.unit === 'none' ? '' : ` (${decl.unit})`}${decl.optional ? '; may be null (nil)' : ''}`,
    });
  const prop = z
    .union([z.string(), z.number(), z.null()], { error: 'is a text, a number, or null for nil' })
    .optional();
  const props = group(Object.fromEntries(propNames.map((name) => [name, prop])), propNames.join(', '))
    .optional()
    .meta({ description: 'What (… .Prop "name") answers.' });
  const past = group(
    Object.fromEntries(fields.filter(({ type }) => type === 'number').map(({ name }) => [name, SCALAR.optional()])),
    'numeric fields and their values',
  )
    .optional()
    .meta({
      description: 'What fields had in every complete hour of the last days, for StatPercentile and StatSameHour.',
    });
  return group(
    { ...Object.fromEntries(fields.map((decl) => [decl.name, reading(decl)])), props, past, ...more },
    'fields and their values',
  );
}

function named<T extends z.ZodType>(value: T, description: string) {
  return z
    .record(z.string(), value, { error: 'is a group with the name of a guest before each: {web: …}' })
    .meta({ description });
}

const TIMER_AS_VARIABLE =
  'what held-for, every and cooldown remember is no variable; give the case intervals, so that the time passes';

const VARIABLE: z.ZodType<PolicyScalar> = z
  .lazy(() =>
    z.union([z.number(), z.string(), z.boolean(), z.null(), z.array(VARIABLE)], {
      error: 'is a plain value or a list of them',
    }),
  )
  .meta({ id: 'variable' });

function variables(description: string) {
  const own = z
    .record(z.string(), VARIABLE, { error: 'is a group of variables and their values' })
    .superRefine((stored, { addIssue }) => {
      for (const [name, given] of Object.entries(stored))
        if (oldTimer(name, given)) addIssue({ code: 'custom', path: [name], message: TIMER_AS_VARIABLE });
    });
  return group(
    { host: own.optional(), guests: named(own, 'The variables of the guests by name.').optional() },
    'host and guests',
  ).meta({ description });
}

const BOUND = z.union([z.number(), z.string()], { error: 'is a number or a quantity such as 512MiB' }).optional();

const WANT = z
  .union(
    [
      SCALAR,
      group(
        {
          value: SCALAR.optional(),
          within: BOUND.meta({ description: 'How far it may be off: a quantity, or a percentage of the value.' }),
          min: BOUND,
          max: BOUND,
          because: text('a part of the reason, or /a regular expression/')
            .optional()
            .meta({ description: 'A part of the reason, or /a regular expression/ (RE2).' }),
        },
        'value, within, min, max and because',
      ),
    ],
    {
      error: 'is a value (498073, 512MiB, 512MiB ± 1%, any), null for not set, or {value, within, min, max, because}',
    },
  )
  .meta({ id: 'wanted-control' });

/** The controls of one kind of entity. */
function wants(controls: readonly ControlDecl[]) {
  const shape = Object.fromEntries(
    controls.map(({ name, doc, unit }) => [
      name,
      WANT.optional().meta({ description: `${doc}${unit === 'none' ? '' : ` (${unit})`}` }),
    ]),
  );
  return z.union([z.literal(NOTHING), group(shape, 'controls')], { error: 'is "nothing" or a group of controls' });
}

function expectation(host: z.ZodType, guest: z.ZodType) {
  const message = z
    .string({ error: 'is a part of the message' })
    .min(1, { error: 'is empty: every error has that in it' });
  const error = z.union(
    [message, group({ guest: text('the name of a guest').optional(), message }, 'guest and message')],
    { error: 'is a part of the message, or {guest, message}' },
  );
  const detailed = group(
    {
      host: host.optional().meta({ description: 'The controls of the host.' }),
      guests: named(guest, 'The controls of the guests by name.').optional(),
      others: z
        .enum(['nothing', 'any'], { error: 'is "nothing" or "any"' })
        .optional()
        .meta({ description: 'Whether host and guests that are not named here may have controls; nothing.' }),
      errors: z
        .array(error, { error: 'is a list of parts of messages' })
        .optional()
        .meta({ description: 'The errors of the policy; none when it is left out.' }),
      vars: variables('What SetVar has stored; variables that are not named may be anything.').optional(),
    },
    'host, guests, others, errors and vars',
  );
  return z
    .union([z.literal(NOTHING), detailed], {
      error: ({ input }) => {
        if (input === null)
          return `has no value; write ${NOTHING}, or a group of host, guests, others, errors and vars`;
        const meant = typeof input === 'string' ? `; for no control write ${NOTHING}` : '';
        return `is "nothing" or a group of host, guests, others, errors and vars${meant}`;
      },
    })
    .meta({ description: 'What the policy decides. A control that is not expected fails the case.' });
}
