// Long because all keys of the config are in one place, in the order of the reference page.

import { z } from 'zod';
import {
  choice,
  duration,
  flag,
  group,
  integer,
  nullIsEmpty,
  optionalPath,
  optionalTextList,
  requiredText,
  size,
  strict,
  text,
  textList,
  wrong,
} from '../yaml/keys.ts';
import type { KeyMeta } from '../yaml/keys.ts';
import type { SettingsGroup } from '../plugin/settings.ts';
import {
  ADDRESS_FORM,
  METRICS,
  MOM_VERBS,
  parseAddress,
  type ListenAddress,
  type Listener,
} from '../support/listen-address.ts';
import { settingsSchema } from './plugin-settings.ts';
import { parametersSchema } from '../parameters/group.ts';
import { guests } from './guests-schema.ts';

/** All keys of the config file, in the order of the reference page. Names are as in the file; values are parsed into base units. */

const libvirt = group('The connection to libvirt.', {
  uri: text({
    default: 'qemu:///system',
    form: 'a local libvirt URI such as qemu:///system or qemu:///session',
    pattern: /^[a-z][a-z0-9]*(?:\+unix)?:\/\/\/[^\s]*$/,
    doc: 'The libvirt connection URI. Only local connections are allowed: Ballast controls balloons on the host it runs on.',
  }),
  socket: optionalPath({ doc: "Path of libvirt's socket. Default: libvirt's own default path." }),
  call_timeout: duration({
    default: '5s',
    min: '100ms',
    max: '5min',
    doc: 'Timeout of one libvirt call, reading or writing.',
  }),
  chunk_size: integer({
    default: 100,
    min: 1,
    max: 4096,
    doc: 'Number of guests read by one bulk statistics call.',
  }),
  stats_period: duration({
    default: '5s',
    min: '0s',
    max: '1h',
    doc: 'Statistics period that is set for guests whose balloon driver reports no statistics (period 0), and restored on exit. Whole seconds. `0s`: never set it.',
  }),
});

const limits = group('Bounds on one evaluation of the policies. Reaching one is an ordinary policy error.', {
  steps: integer({
    default: 1_000_000,
    min: 1_000,
    max: 100_000_000,
    doc: "Maximum steps of one file outside guests' `with` bodies, and of the `with` body of one guest.",
  }),
  steps_per_guest: integer({
    default: 10_000,
    min: 100,
    max: 1_000_000,
    doc: 'Steps that each guest adds to the limit of one file.',
  }),
  call_depth: integer({ default: 1_000, min: 10, max: 1_000, doc: 'Maximum depth of nested calls.' }),
  time: duration({ default: '2s', min: '10ms', max: '1min', doc: 'Maximum evaluation time of one file.' }),
  text_length: integer({
    default: 65_536,
    min: 256,
    max: 1_048_576,
    doc: 'Maximum length of a text, in UTF-16 code units.',
  }),
  list_length: integer({ default: 100_000, min: 100, max: 1_000_000, doc: 'Maximum number of values in a list.' }),
});

const policyGroup = {
  files: textList({
    default: [],
    form: 'a policy file or a list of them',
    item: 'the path of a policy file',
    doc: 'Policy files, evaluated in this order as one program. `ballast run` needs at least one, from here or from `--policy`.',
  }),
  on_error: choice(['isolate', 'abort'], {
    default: 'isolate',
    doc: "Which decisions of the interval an error in a policy discards. `isolate`: those of the guest, or of the file if the error occurs outside a guest's `with` body. `abort`: all.",
  }),
  parameters: parametersSchema(
    "Values for parameters that the policies declare with `param`; `ballast params` lists them. `NAME: VALUE`, or `NAME: {value: …, labels: {LABEL: VALUE}, guests: {PATTERN: VALUE}}` with separate values for single guests: the first pattern that matches the guest's name takes effect, then the first label that it has, then `value`.",
  ),
  parameters_file: optionalPath({
    doc: 'A file with more of them, in the form of `parameters`, which take precedence over those of the config. It is checked before each evaluation, and changes take effect without a reload; `ballast params set` writes it. It need not exist.',
  }),
  limits,
};

/** A policy file, a list of them, or a group. */
const filesAlone = (input: unknown): unknown =>
  typeof input === 'string' || Array.isArray(input) ? { files: input } : input;

const policy = z
  .preprocess(
    filesAlone,
    z.strictObject(policyGroup, {
      error: (issue) =>
        issue.code === 'invalid_type' ? wrong('a policy file, a list of them, or a group of keys')(issue) : undefined,
    }),
  )
  .prefault({})
  .meta({
    doc: 'The policy files and their settings. `policy: FILE` and `policy: [FILE, FILE]` are short for `policy: {files: …}`.',
  } satisfies KeyMeta);

const shadow = z
  .preprocess(
    filesAlone,
    z.strictObject(
      {
        files: textList({
          default: [],
          form: 'a policy file or a list of them',
          item: 'the path of a policy file',
          doc: 'Its policy files, evaluated in this order as one program. `[]`: the files of the policy, if `parameters` has values; otherwise there is no shadow.',
        }),
        parameters: parametersSchema(
          'Values for parameters of the shadow, in the form of `policy.parameters`. The others that it declares have the values that they have for the policy.',
        ),
      },
      {
        error: (issue) =>
          issue.code === 'invalid_type' ? wrong('a policy file, a list of them, or a group of keys')(issue) : undefined,
      },
    ),
  )
  .prefault({})
  .meta({
    doc: 'A second policy, which is evaluated beside the one in effect and writes nothing: the log, `ballast status` and the metrics show where it would have decided otherwise. See [shadow.md](shadow.md). `shadow: FILE` and `shadow: [FILE, FILE]` are short for `shadow: {files: …}`.',
  } satisfies KeyMeta);

const record = strict({
  path: requiredText({
    form: 'a path that ends with .jsonl or .jsonl.gz',
    pattern: /^[^\0\r\n]*[^\0\r\n/]\.jsonl(?:\.gz)?$/,
    doc: 'The file to record to; compressed if it ends in `.gz`. Rotated files are kept in the same directory with their end time in the name.',
  }),
  rotate_size: size({ default: '64MiB', min: '64KiB', max: '1TiB', doc: 'A file larger than this is rotated.' }),
  rotate_age: duration({ default: '24h', min: '1min', max: '8760h', doc: 'A file older than this is rotated.' }),
  keep: integer({ default: 7, min: 0, max: 100_000, doc: 'The newest rotated files are kept whatever their age.' }),
  keep_age: duration({
    default: '168h',
    min: '1min',
    max: '87600h',
    doc: 'Other rotated files are deleted at this age.',
  }),
  keep_size: size({
    default: '1GiB',
    min: '64KiB',
    max: '1024TiB',
    doc: 'The size of all rotated files together: the oldest are deleted beyond it, whatever their number and age.',
  }),
});

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export const LOG_FORMATS = ['json', 'pretty', 'mom'] as const;

const log = group('The log of the daemon.', {
  level: choice(LOG_LEVELS, { default: 'info', doc: 'The lowest level that is logged.' }),
  format: choice(LOG_FORMATS, {
    default: 'json',
    doc: "`json`: one JSON object per line with all fields. `pretty`: for terminals. `mom`: MOM's line format, for scripts that read its logs.",
  }),
  file: optionalPath({
    doc: 'Append to this file; it is reopened on SIGHUP, for logrotate. Absent: standard error.',
  }),
});

function address(doc: string, listener: Listener) {
  return z
    .unknown()
    .transform((input, context): ListenAddress => {
      const parsed =
        typeof input === 'string' ? parseAddress(input, listener) : { problem: wrong(ADDRESS_FORM)({ input }) };
      if ('value' in parsed) return parsed.value;
      context.issues.push({ code: 'custom', message: parsed.problem, input });
      return z.NEVER;
    })
    .optional()
    .meta({ doc, form: ADDRESS_FORM } satisfies KeyMeta);
}

const metrics = group('Metrics for Prometheus; see [metrics.md](metrics.md).', {
  listen: address(
    'Where the metrics can be read, at `/metrics`. Only this host reaches these addresses, and everybody on it: they show the names of guests. Absent: nowhere.',
    METRICS,
  ),
});

const GROUP = /^(?:[a-z_][a-z0-9_.-]{0,31}\$?|[0-9]{1,10})$/;

const control = group(
  'The sockets of a running daemon, `status.sock` and `control.sock` in `runtime_dir`: HTTP and JSON, described by `openapi.json` beside this page. Nothing listens on TCP unless `mom_rpc` says so. A socket that cannot be made is an error in the log, and the daemon runs without it.',
  {
    enabled: flag({
      default: true,
      doc: 'Whether there are sockets. On by default: `ballast status`, `why` and `pause` need them, and by default only root can connect. They are read at the start.',
    }),
    group: optionalPath({
      form: 'the name or number of a group',
      pattern: GROUP,
      doc: 'The group whose members may connect to both sockets, such as `libvirt`. Whoever may connect to `control.sock` can change what happens to every guest. Absent: the group that the daemon runs as.',
    }),
    status_for: choice(['group', 'all'], {
      default: 'group',
      doc: 'Who may connect to `status.sock`, which changes nothing. It shows the names of guests, the policies and the config; so `all` users of the host may only when you say so.',
    }),
    mom_rpc: address(
      "Where the programs that steer MOM find its verbs, as XML-RPC at `/RPC2`; see [control.md](control.md#moms-verbs). MOM's `rpc-port: 8989` is `127.0.0.1:8989` here: every user of this host can then replace the policies. `unix:PATH` is for those only who may connect to `control.sock`. Absent: nowhere.",
      MOM_VERBS,
    ),
  },
);

/** The keys of the config before and after the groups of plugins, in the order of the reference page. */
const BEFORE_PLUGINS = {
  collect_interval: duration({ default: '5s', min: '100ms', max: '1h', doc: 'How often statistics are collected.' }),
  policy_interval: duration({
    default: '10s',
    min: '100ms',
    max: '24h',
    doc: 'How often the policies are evaluated. Must not be shorter than `collect_interval`.',
  }),
  max_decision_age: duration({
    default: '10s',
    min: '100ms',
    max: '24h',
    doc: 'A change that is not begun within this time after its decision is dropped: with a slow libvirtd, or after the process was stopped for a while. By default one `policy_interval`: after that a newer decision exists. A decision older than 2s is made again by the guards, on fresh statistics of its guest.',
  }),
  history: integer({
    default: 10,
    min: 1,
    max: 1000,
    doc: 'Number of samples of each guest and the host that `StatAvg` and the other history methods use. For `:last` and `:over`, as many more are kept as the policies look back on, up to 1000.',
  }),
  collect_timeout: duration({
    default: '3s',
    min: '10ms',
    max: '5min',
    doc: 'Timeout of one collector in one interval.',
  }),
  libvirt,
  policy,
  policy_dir: optionalPath({
    form: 'the path of a directory',
    doc: 'Evaluate all `*.policy` and `*.rules` files of this directory, sorted by name, instead of `policy.files`; setting both is an error.',
  }),
  shadow,
  collectors: optionalTextList({
    form: 'a list of collector names',
    item: 'the name of a collector',
    doc: 'The built-in collectors to use. Absent: all except `guest-cpu-tune`, `guest-io-tune` and `guest-agent`, which ask libvirt about each guest; `default` in the list stands for these.',
  }),
  controllers: textList({
    default: ['ksm', 'balloon'],
    form: 'a list of controller names',
    item: 'the name of a controller',
    doc: 'The built-in controllers to use: `ksm` and `balloon`, for which `default` stands, too; `cpu-tune` and `io-tune`, which need the collectors `guest-cpu-tune` and `guest-io-tune`. `[]`: nothing is changed.',
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
  metrics,
  control,
  shutdown: choice(['leave', 'restore', 'release'], {
    default: 'leave',
    doc: '`leave`: KSM and the balloons stay as they are when Ballast exits. `restore`: the values that were found at first are restored, by an earlier Ballast if that one was killed. `release`: the guests get back what they lack of their maximum; KSM as with `restore`. Both only as far as the guards allow; what is left is logged.',
  }),
  runtime_dir: optionalPath({
    form: 'the path of a directory',
    doc: 'Directory for the lock, the stop file, the sockets, the file of reservations (`reservations.json`) and the statistics periods that Ballast has set. Absent: `/run/ballast` below `host_root`; with a session URI `$XDG_RUNTIME_DIR/ballast`.',
  }),
  state_dir: optionalPath({
    form: 'the path of a directory',
    doc: 'Directory for the state files: the values of KSM and the balloons that were found at first, so that they can be restored after a crash, which are void after a boot of the host; and what was paused or set through `control.sock`, so that it survives a restart; and the statistics over days that policies read. Absent: the same as `runtime_dir`.',
  }),
  stop_file: optionalPath({
    doc: 'The kill switch: while this file is there, nothing is written to KSM, balloons and statistics periods; decisions are logged and recorded as held back. Absent: `stop` in `runtime_dir`.',
  }),
  dry_run: flag({ default: false, doc: 'Evaluate, log and record, but change nothing.' }),
  host_root: text({
    default: '/',
    form: 'the path of a directory',
    pattern: /^[^\0\r\n]+$/,
    doc: "Directory that contains `proc` and `sys`, for tests on copies of a host's files.",
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

/** Names that a plugin's settings group cannot have. */
export const OWN_KEYS: ReadonlySet<string> = new Set(Object.keys(ownKeys.shape));

/** The site plugins of a config; empty if the key is invalid, which {@link configSchema} reports. */
export function modulesIn(value: unknown): readonly string[] {
  const parsed = z.object({ plugins: BEFORE_PLUGINS.plugins }).safeParse(value ?? {});
  return parsed.success ? parsed.data.plugins : [];
}

/** The validated config without plugin settings, with keys as in the file; durations are milliseconds, sizes KiB, ratios 0 to 1. */
export type ConfigFile = z.output<typeof ownKeys>;
