import { z } from 'zod';
import { NAME_PATTERN, NAME_PATTERN_FORM } from '../model/guest-pattern.ts';
import { LABEL, LABEL_FORM } from '../model/labels.ts';
import {
  choice,
  duration,
  flag,
  group,
  integer,
  nullIsEmpty,
  optionalPath,
  optionalTextList,
  requiredSize,
  requiredText,
  requiredTextList,
  size,
  strict,
  text,
  textList,
  wrong,
} from '../yaml/keys.ts';
import type { KeyMeta } from '../yaml/keys.ts';
import type { SettingsGroup } from '../plugin/settings.ts';
import { settingsSchema } from './plugin-settings.ts';
import { parametersSchema } from '../parameters/group.ts';

/** Every key of the config file, in the order of the reference page. Names are as in the file; values are read into base units. */

const libvirt = group('The connection to libvirt.', {
  uri: text({
    default: 'qemu:///system',
    form: 'a local libvirt URI such as qemu:///system or qemu:///session',
    pattern: /^[a-z][a-z0-9]*(?:\+unix)?:\/\/\/[^\s]*$/,
    doc: 'What to connect to. Only local connections: balloons are steered on the host that Ballast runs on.',
  }),
  socket: optionalPath({ doc: "libvirt's socket, if it is not where libvirt puts it by default." }),
  call_timeout: duration({
    default: '5s',
    min: '100ms',
    max: '5min',
    doc: 'The longest wait for the answer to one libvirt call, reading or writing.',
  }),
  chunk_size: integer({
    default: 100,
    min: 1,
    max: 4096,
    doc: 'How many guests are read by one bulk statistics call.',
  }),
  stats_period: duration({
    default: '5s',
    min: '0s',
    max: '1h',
    doc: 'A guest whose balloon driver reports no statistics (period 0) is set to report this often, and set back on exit. Whole seconds. `0s`: never set it.',
  }),
});

const limits = group('Bounds on one evaluation of the policies. Reaching one is an ordinary policy error.', {
  steps: integer({
    default: 1_000_000,
    min: 1_000,
    max: 100_000_000,
    doc: "Steps that one file may take outside of guests' `with` bodies, and that the `with` body of one guest may take.",
  }),
  steps_per_guest: integer({
    default: 10_000,
    min: 100,
    max: 1_000_000,
    doc: 'What each guest adds to the steps that one file may take in all.',
  }),
  call_depth: integer({ default: 1_000, min: 10, max: 1_000, doc: 'Calls inside calls.' }),
  time: duration({ default: '2s', min: '10ms', max: '1min', doc: 'Time that one file may take.' }),
  text_length: integer({ default: 65_536, min: 256, max: 1_048_576, doc: 'Length of one text, in UTF-16 units.' }),
  list_length: integer({ default: 100_000, min: 100, max: 1_000_000, doc: 'Values in one list.' }),
});

const policyGroup = {
  files: textList({
    default: [],
    form: 'a policy file or a list of them',
    item: 'the path of a policy file',
    doc: 'Policy files, evaluated in this order as one program. `ballast run` needs one, from here or from `--policy`.',
  }),
  on_error: choice(['isolate', 'abort'], {
    default: 'isolate',
    doc: "What an error in a policy costs. `isolate`: that guest's decisions of the interval, or that file's if it happens outside of a guest's `with` body. `abort`: all decisions of the interval.",
  }),
  parameters: parametersSchema(
    "Values for parameters that the policies declare with `param`; `ballast params` lists them. `NAME: VALUE`, or `NAME: {value: …, labels: {LABEL: VALUE}, guests: {PATTERN: VALUE}}` with values of their own for single guests: the first pattern that a guest's name matches counts, then the first label that it has, then `value`.",
  ),
  parameters_file: optionalPath({
    doc: 'A file with more of them, in the form of `parameters`, which come before those of the config. It is looked at before each evaluation, and changes take effect without a reload; `ballast params set` writes it. It need not exist.',
  }),
  limits,
};

const policy = z
  .preprocess(
    (input) => (typeof input === 'string' || Array.isArray(input) ? { files: input } : input),
    z.strictObject(policyGroup, {
      error: (issue) =>
        issue.code === 'invalid_type' ? wrong('a policy file, a list of them, or a group of keys')(issue) : undefined,
    }),
  )
  .prefault({})
  .meta({
    doc: 'The policies. `policy: FILE` and `policy: [FILE, FILE]` are short for `policy: {files: …}`.',
  } satisfies KeyMeta);

const namePattern = requiredText({
  form: NAME_PATTERN_FORM,
  pattern: NAME_PATTERN,
  doc: 'A pattern for whole guest names: `*` is any text, `?` one character.',
});

const guests = group('What Ballast cannot ask libvirt about the guests.', {
  balloon_min: z
    .array(
      strict({
        match: namePattern,
        min: requiredSize({ min: '0KiB', max: '64TiB', doc: 'The `balloon_min` of these guests.' }),
      }),
      { error: wrong('a list such as [{match: "web-*", min: 512MiB}]') },
    )
    .default([])
    .meta({
      doc: "The field `balloon_min` by guest name; the first pattern that matches counts. Used for guests that neither `<min_guarantee>` nor Ballast's metadata element in the domain XML gives one.",
      form: 'a list of patterns',
    } satisfies KeyMeta),
  labels: z
    .array(
      strict({
        match: namePattern,
        labels: requiredTextList({
          form: 'a label or a list of labels',
          item: `a label: ${LABEL_FORM}`,
          pattern: LABEL,
          doc: 'The labels of these guests. A label is a letter or digit, then up to 63 letters, digits, `_`, `.`, `:` or `-`.',
        }),
      }),
      { error: wrong('a list such as [{match: "db-*", labels: [db, tier-1]}]') },
    )
    .default([])
    .meta({
      doc: 'Labels by guest name, for `(tagged vm "db")` in a policy; the labels of all patterns that match count, in addition to those of Ballast\'s metadata element in the domain XML.',
      form: 'a list of patterns',
    } satisfies KeyMeta),
});

const record = strict({
  path: requiredText({
    form: 'a path that ends with .jsonl or .jsonl.gz',
    pattern: /^[^\0\r\n]*[^\0\r\n/]\.jsonl(?:\.gz)?$/,
    doc: 'The file to record to; with `.gz` it is compressed. Older files stand beside it with the time of their end in their names.',
  }),
  rotate_size: size({ default: '64MiB', min: '64KiB', max: '1TiB', doc: 'A file larger than this is put aside.' }),
  rotate_age: duration({ default: '24h', min: '1min', max: '8760h', doc: 'A file older than this is put aside.' }),
  keep: integer({ default: 7, min: 0, max: 100_000, doc: 'How many of the files that were put aside are kept.' }),
});

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export const LOG_FORMATS = ['json', 'pretty', 'mom'] as const;

const log = group('What Ballast says of its work.', {
  level: choice(LOG_LEVELS, { default: 'info', doc: 'The least important messages that are still written.' }),
  format: choice(LOG_FORMATS, {
    default: 'json',
    doc: "`json`: one JSON object a line, all fields. `pretty`: for people at a terminal. `mom`: MOM's line shape, for scripts that read its logs.",
  }),
  file: optionalPath({
    doc: 'Append to this file; it is opened anew on SIGHUP, as logrotate needs. Absent: standard error.',
  }),
});

/** The keys of the config before and after the groups of plugins, in the order of the reference page. */
const BEFORE_PLUGINS = {
  collect_interval: duration({ default: '5s', min: '100ms', max: '1h', doc: 'How often statistics are collected.' }),
  policy_interval: duration({
    default: '10s',
    min: '100ms',
    max: '24h',
    doc: 'How often the policies are evaluated. Must not be shorter than `collect_interval`.',
  }),
  history: integer({
    default: 10,
    min: 1,
    max: 1000,
    doc: 'Samples that are kept of each guest and of the host, for `StatAvg` and its kin.',
  }),
  collect_timeout: duration({
    default: '3s',
    min: '10ms',
    max: '5min',
    doc: 'The longest that one collector may take in one interval.',
  }),
  libvirt,
  policy,
  policy_dir: optionalPath({
    form: 'the path of a directory',
    doc: 'Evaluate all `*.policy` and `*.rules` files of this directory, sorted by name, in place of `policy.files`; giving both is an error.',
  }),
  collectors: optionalTextList({
    form: 'a list of collector names',
    item: 'the name of a collector',
    doc: 'The built-in collectors to use. Absent: all of them.',
  }),
  controllers: textList({
    default: ['ksm', 'balloon'],
    form: 'a list of controller names',
    item: 'the name of a controller',
    doc: 'The built-in controllers to use. `[]` leaves KSM and the balloons alone.',
  }),
  plugins: textList({
    default: [],
    form: 'a module or a list of modules',
    item: 'the path of a module',
    doc: "The site's own collectors, guards and controllers: each module exports one by default. They are used in addition to the built-in ones.",
  }),
  guests,
};

const AFTER_PLUGINS = {
  record: z
    .preprocess(nullIsEmpty, record)
    .optional()
    .meta({ doc: 'Record every interval for replay. Absent: nothing is recorded.' } satisfies KeyMeta),
  log,
  shutdown: choice(['leave', 'restore'], {
    default: 'leave',
    doc: '`leave`: KSM and the balloons stay as they are when Ballast ends. `restore`: they are put back to what they were when it started.',
  }),
  dry_run: flag({ default: false, doc: 'Decide, log and record, but write nothing.' }),
  host_root: text({
    default: '/',
    form: 'the path of a directory',
    pattern: /^[^\0\r\n]+$/,
    doc: "Where `proc` and `sys` are found. For tests on copies of a host's files.",
  }),
};

const ownKeys = z.strictObject({ ...BEFORE_PLUGINS, ...AFTER_PLUGINS });

/** The whole schema: the config's own keys, and a group for each plugin that has settings. */
export function configSchema(groups: readonly SettingsGroup[]) {
  const ofPlugins = Object.fromEntries(groups.map((each) => [each.key, settingsSchema(each)]));
  return z.strictObject(
    { ...BEFORE_PLUGINS, ...ofPlugins, ...AFTER_PLUGINS },
    {
      error: (issue) =>
        issue.code === 'invalid_type'
          ? 'a config file is made of keys and values, such as "collect_interval: 5s"'
          : undefined,
    },
  );
}

/** The names that no plugin's group can have. */
export const OWN_KEYS: ReadonlySet<string> = new Set(Object.keys(ownKeys.shape));

/** Site plugins that a config names; none where the key is wrong, which {@link configSchema} says. */
export function modulesIn(value: unknown): readonly string[] {
  const parsed = z.object({ plugins: BEFORE_PLUGINS.plugins }).safeParse(value ?? {});
  return parsed.success ? parsed.data.plugins : [];
}

/** The config's own content after validation, still under the file's names; durations are milliseconds, sizes KiB, ratios 0 to 1. */
export type ConfigFile = z.output<typeof ownKeys>;
