import { z } from 'zod';
import {
  choice,
  duration,
  flag,
  group,
  integer,
  nullIsEmpty,
  optionalInteger,
  ratio,
  requiredSize,
  requiredText,
  size,
  strict,
  text,
  wrong,
  type KeyMeta,
} from '../../yaml/keys.ts';
import { MOST_GUESTS, MOST_NODES } from './model.ts';

/** No line ends, control characters or bidi controls: a story is printed on terminals. */
const ONE_LINE = /^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]{1,400}$/u;

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

const KIB = { min: '0KiB', max: '64TiB' };
const TIME = { min: '0s', max: '744h' };

/** Points of one curve. A month in steps of a minute has 43,200. */
const MOST_POINTS = 50_000;

/** The short form of a list of points. */
function pointsOfText(input: unknown): unknown {
  if (typeof input !== 'string') return input;
  const pairs = input.split(',', MOST_POINTS + 1);
  return pairs.map((pair) => {
    const [at, ...size] = pair.trim().split(/\s+/, 3);
    return { at, ...(size.length > 0 && { size: size.join(' ') }) };
  });
}

/** A group that may be absent, which is not the same as one with defaults. */
function optionalGroup<Shape extends z.ZodRawShape>(doc: string, shape: Shape) {
  return z
    .preprocess(nullIsEmpty, strict(shape))
    .optional()
    .meta({ doc } satisfies KeyMeta);
}

function demand(doc: string, base: string) {
  return group(doc, {
    base: size({ default: base, ...KIB, doc: 'What is always there.' }),
    spread: ratio({
      default: '0%',
      doc: 'Each guest of the group wants up to this share more or less, by the seed: not in its bursts and leaks.',
    }),
    day: optionalGroup('A peak in every day.', {
      peak: requiredSize({ ...KIB, doc: 'The demand in the middle of it, `base` included.' }),
      from: duration({ default: '8h', min: '0s', max: '24h', doc: 'When it begins; virtual time begins at midnight.' }),
      to: duration({ default: '18h', min: '0s', max: '24h', doc: 'When it ends; earlier than `from`: the next day.' }),
      ramp: duration({ default: '1h', min: '0s', max: '12h', doc: 'How long it grows, and how long it falls.' }),
      shift: duration({
        default: '0s',
        min: '0s',
        max: '12h',
        doc: 'The day of each guest begins up to so much earlier or later, by the seed.',
      }),
    }),
    points: z
      .preprocess(
        pointsOfText,
        z
          .array(
            strict({
              at: duration({ default: '0s', ...TIME, doc: 'When, from the start of the simulation.' }),
              size: requiredSize({ ...KIB, doc: 'How much more than `base` is wanted then.' }),
            }),
            { error: wrong('a list such as [{at: 1h, size: 2GiB}], or a text such as "0s 1GiB, 1h 2GiB"') },
          )
          .max(MOST_POINTS, { error: `has more than ${MOST_POINTS} points` }),
      )
      .default([])
      .meta({
        doc: 'A curve of any shape, on top of the rest: straight lines between points, in the order of time.',
        form: 'a list of points, or a text such as `0s 1GiB, 1h 2GiB`',
      } satisfies KeyMeta),
    repeat: duration({ default: '0s', ...TIME, doc: 'When the points begin again; `0s`: never.' }),
    bursts: optionalGroup('Memory that is taken quickly and given back at once, at times that only the seed knows.', {
      every: duration({
        default: '30min',
        min: '1s',
        max: '744h',
        doc: 'The mean time from the end of one to the next.',
      }),
      size: requiredSize({
        min: '1MiB',
        max: '64TiB',
        doc: 'How large they are; each is half to one and a half times that.',
      }),
      rate: size({ default: '200MiB', min: '1MiB', max: '64TiB', doc: 'How fast they grow, each second.' }),
      lasts: duration({
        default: '1min',
        min: '0s',
        max: '744h',
        doc: 'How long they last then; half to one and a half times that.',
      }),
    }),
    leak: size({
      default: '0KiB',
      ...KIB,
      doc: 'How much more it is each hour, until its programs are killed or the guest boots.',
    }),
  });
}

const host = group('The host.', {
  memory: size({ default: '64GiB', min: '256MiB', max: '64TiB', doc: 'Its memory.' }),
  cpus: integer({ default: 16, min: 1, max: 4096, doc: 'Its CPUs, for policies that look at them.' }),
  reserve: size({ default: '2GiB', ...KIB, doc: 'What its kernel and its daemons need.' }),
  swap: size({ default: '8GiB', ...KIB, doc: 'Its swap.' }),
  swap_speed: size({
    default: '200MiB',
    min: '1MiB',
    max: '1TiB',
    doc: 'How much it can write to it, and read from it, in a second. Each page from there makes a guest wait that long.',
  }),
  files: size({ default: '4GiB', ...KIB, doc: 'How far its page cache grows where memory is free.' }),
  other: demand('Other programs on the host.', '0KiB'),
  arc: group('The ARC of OpenZFS, which yields late.', {
    min: size({ default: '0KiB', ...KIB, doc: 'It never gets smaller.' }),
    max: size({ default: '0KiB', ...KIB, doc: 'It grows up to this; `0KiB`: there is none.' }),
  }),
  ksm: group('How KSM is found.', {
    run: flag({ default: false, doc: 'Whether it runs before any policy decides about it.' }),
    pages_to_scan: integer({ default: 100, min: 1, max: 1_000_000, doc: 'Pages that ksmd scans before it sleeps.' }),
    sleep: duration({ default: '20ms', min: '0ms', max: '1h', doc: 'How long it sleeps.' }),
    merge_across_nodes: flag({ default: true, doc: 'Whether it merges pages of different NUMA nodes.' }),
  }),
  numa: optionalGroup('Its NUMA nodes. Absent: it has one, and does not show it: the fields `numa_…` are nil.', {
    nodes: integer({
      default: 1,
      min: 1,
      max: MOST_NODES,
      doc: 'How many there are. Each has an equal part of the memory and of the CPUs.',
    }),
  }),
});

const guestGroup = strict({
  name: requiredText({
    form: 'a name of at most 64 letters, digits, `_`, `.` and `-` that begins with a letter or digit',
    pattern: NAME,
    doc: 'Its name; with `count`, a number is added: `web-01`.',
  }),
  count: integer({ default: 1, min: 1, max: MOST_GUESTS, doc: 'So many of them; with `fill` the least.' }),
  memory: requiredSize({ min: '64MiB', max: '64TiB', doc: 'The maximum of its balloon.' }),
  min: requiredSize({ ...KIB, doc: 'Its `balloon_min`. Absent: none.' }).optional(),
  swap: size({ default: '0KiB', ...KIB, doc: 'Its own swap.' }),
  demand: demand('The memory that its programs want.', '256MiB'),
  idle: ratio({
    default: '30%',
    doc: 'The share of it that is not touched for minutes: swapping it out costs nothing.',
  }),
  files: group(
    'Files that its programs read: they fill its page cache, and that is where the memory of the host goes.',
    {
      size: size({ default: '1GiB', ...KIB, doc: 'All of them.' }),
      hot: size({
        default: '64MiB',
        ...KIB,
        doc: 'Those that are read again and again: without them the guest waits.',
      }),
      reads: size({ default: '2MiB', min: '0KiB', max: '64GiB', doc: 'How much is read in a second.' }),
    },
  ),
  balloon: group('How its balloon behaves.', {
    moves: choice(['follows', 'stuck', 'hollow', 'none'], {
      default: 'follows',
      doc: '`follows`: as fast as the guest can free pages. `stuck`: not at all. `hollow`: it follows, and the host gets nothing back. `none`: the guest has no balloon.',
    }),
    rate: size({
      default: '0KiB',
      min: '0KiB',
      max: '1TiB',
      doc: 'It moves no faster, each second; `0KiB`: as fast as it can.',
    }),
    limit: size({ default: '0KiB', ...KIB, doc: 'It makes the guest no smaller; `0KiB`: without limit.' }),
    late: duration({ default: '0s', ...TIME, doc: 'How long after a new target it begins to move.' }),
  }),
  free_page_reporting: flag({ default: false, doc: 'Whether it returns free memory by itself.' }),
  statistics: group('What its balloon driver reports.', {
    kind: choice(['linux', 'windows', 'none', 'frozen', 'greedy'], {
      default: 'linux',
      doc: '`windows`: page cache counts as unused, and what only Linux reports is missing. `none`: nothing. `frozen`: its first figures, for ever. `greedy`: as if it used all that it has.',
    }),
    period: duration({ default: '5s', min: '1s', max: '1h', doc: 'How often. Whole seconds.' }),
    late: duration({ default: '0s', min: '0s', max: '1h', doc: 'How old the figures are when they arrive.' }),
    until: duration({ default: '0s', ...TIME, doc: 'From then on it reports nothing; `0s`: it always does.' }),
  }),
  sharing: group('What KSM can merge.', {
    image: text({
      default: 'none',
      form: 'the name of an image',
      pattern: NAME,
      doc: 'Guests of one image have equal pages; `none`: it shares nothing.',
    }),
    share: ratio({ default: '0%', doc: 'The share of its used memory that is equal.' }),
    writes: ratio({
      default: '1%',
      doc: 'The share of the merged pages that it writes to in a minute: they are copied then.',
    }),
  }),
  node: optionalInteger({
    min: 0,
    max: MOST_NODES - 1,
    doc: 'The NUMA node that it is pinned to (`vcpupin` and a `numatune` of mode `preferred`). Absent: guests take turns as they start.',
  }),
  start: duration({ default: '0s', ...TIME, doc: 'When it starts.' }),
  running: optionalGroup('It does not boot when it starts: it has been running for a while. Absent: it boots.', {
    size: requiredSize({ ...KIB, doc: 'What its balloon leaves it then.' }),
    cache: size({ default: '0KiB', ...KIB, doc: 'Its page cache.' }),
    resident: size({ default: '0KiB', ...KIB, doc: 'All of its memory that is touched, its page cache included.' }),
  }),
  every: duration({ default: '0s', ...TIME, doc: 'Each guest of the group starts so much after the one before.' }),
  stop: duration({ default: '0s', ...TIME, doc: 'When it is shut down; `0s`: never.' }),
  reboots: z
    .array(duration({ default: '0s', ...TIME, doc: 'When it boots again.' }), {
      error: wrong('a list such as [2h, 5h]'),
    })
    .max(1000, { error: 'has more than 1000 times' })
    .default([])
    .meta({ doc: 'When it boots again.', form: 'a list of times' } satisfies KeyMeta),
  migrate: duration({ default: '0s', ...TIME, doc: 'When it begins to leave for another host; `0s`: never.' }),
  migration: duration({ default: '1min', min: '1s', max: '24h', doc: 'How long that takes.' }),
});

/** All keys of a scenario, in the order of the reference. Sizes are KiB, times milliseconds, shares 0 to 1. */
export const scenarioSchema = z.strictObject(
  {
    story: requiredText({
      form: 'a sentence on one line, of at most 400 characters',
      pattern: ONE_LINE,
      doc: 'What happens, in a sentence.',
    }),
    duration: duration({ default: '24h', min: '1min', max: '744h', doc: 'How long it is simulated.' }),
    fill: requiredText({
      form: 'a percentage such as 150%',
      pattern: /^[1-9][0-9]{0,3}%$/,
      doc: 'The groups are repeated, one guest of each in turn, until the maximum of all guests together reaches this share of the memory of the host.',
    }).optional(),
    host,
    guests: z
      .array(guestGroup, { error: wrong('a list such as [{name: web, count: 10, memory: 2GiB}]') })
      .min(1, { error: 'has no guests; write at least one group' })
      .max(MOST_GUESTS, { error: `has more than ${MOST_GUESTS} groups` })
      .meta({ doc: 'The groups of guests.', form: 'a list of groups' } satisfies KeyMeta),
  },
  {
    error: (issue) =>
      issue.code === 'invalid_type' ? 'a scenario is made of keys and values, such as "duration: 24h"' : undefined,
  },
);

export type ScenarioFile = z.output<typeof scenarioSchema>;
export type DemandFile = ScenarioFile['host']['other'];
export type GroupFile = ScenarioFile['guests'][number];
