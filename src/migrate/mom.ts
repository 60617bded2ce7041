import { addressText, MOM_VERBS, parseAddress } from '../support/listen-address.ts';
import { readIni, type IniSetting } from './ini.ts';
import { yamlText, type Migration, type Moved, type PolicyFrom } from './migration.ts';

type Verdict = Pick<Moved, 'kind' | 'what'>;

const moved = (what: string): Verdict => ({ kind: 'moved', what });
const needless = (what: string): Verdict => ({ kind: 'needless', what });
const lost = (what: string): Verdict => ({ kind: 'lost', what });

/** The collectors of MOM whose fields Ballast has without being told. */
const USUAL_COLLECTORS: ReadonlySet<string> = new Set(
  ['HostMemory', 'HostKSM', 'HostCpu', 'HostTime', 'GuestMemory', 'GuestMemoryOptional', 'GuestBalloon'].concat([
    'GuestBalloonOptional',
    'GuestQemuProc',
  ]),
);

const LISTED_COLLECTORS: Readonly<Record<string, string>> = {
  GuestCpuTune: 'guest-cpu-tune',
  GuestQemuAgent: 'guest-agent',
  GuestIoTune: 'guest-io-tune',
  GuestIoTuneOptional: 'guest-io-tune',
};

const CONTROLLERS: Readonly<Record<string, string>> = {
  Balloon: 'balloon',
  KSM: 'ksm',
  CpuTune: 'cpu-tune',
  IoTune: 'io-tune',
};

const LEVELS: Readonly<Record<string, string>> = {
  ...{ '5': 'debug', debug: 'debug', '4': 'info', info: 'info', '3': 'warn', warn: 'warn', warning: 'warn' },
  ...{ '2': 'error', error: 'error', '1': 'error', critical: 'error' },
};

/** What a momd.conf says, as far as Ballast has it. */
class Found {
  collectS: number | null = null;
  policyS: number | null = null;
  history: number | null = null;
  uri: string | null = null;
  controllers: string[] = [];
  readonly collectors = new Set<string>();
  level: string | null = null;
  logFile: string | null = null;
  policy: string | null = null;
  policyDir: string | null = null;
  rpc: string | null = null;
}

/**
 * MOM's configuration file.
 * @param filesIn the policies of a directory, as paths
 * @throws MigrationError
 */
export function migrateMom(file: string, text: string, filesIn: (directory: string) => readonly string[]): Migration {
  const found = new Found();
  const all = readIni(file, text).map((setting): Moved => {
    const written = `${setting.key}: ${setting.value}`;
    return { file, line: setting.line, setting: written, ...verdictOn(setting, found) };
  });
  const policies: PolicyFrom[] = [found.policy, ...(found.policyDir === null ? [] : filesIn(found.policyDir))]
    .filter((path) => path !== null)
    .map((path) => ({ file: path }));
  const collectS = found.collectS ?? 5;
  const policyS = Math.max(found.policyS ?? 10, collectS);
  const { controllers, collectors, level, logFile, rpc } = found;
  const hasPolicies = policies.length > 0;
  return {
    config: [
      `collect_interval: ${collectS}s`,
      `policy_interval: ${policyS}s`,
      ...(found.history === null ? [] : [`history: ${found.history}`]),
      ...(found.uri === null ? [] : ['libvirt:', `  uri: ${yamlText(found.uri)}`]),
      `controllers: [${controllers.join(', ')}]`,
      ...(collectors.size === 0 ? [] : [`collectors: [${['default', ...collectors].join(', ')}]`]),
      'log:',
      '  format: mom',
      ...(level === null ? [] : [`  level: ${level}`]),
      ...(logFile === null ? [] : [`  file: ${yamlText(logFile)}`]),
      ...(rpc === null ? [] : ['control:', `  mom_rpc: ${yamlText(rpc)}`]),
      ...(hasPolicies
        ? []
        : [
            '# MOM had no policy in its configuration, so it changed nothing. Neither does this, until you set dry_run: false.',
            'dry_run: true',
          ]),
    ],
    parameters: new Map(),
    policies: hasPolicies ? policies : [{ shipped: 'mom-balloon' }, { shipped: 'mom-ksm' }],
    moved: all,
  };
}

function verdictOn(setting: IniSetting, found: Found): Verdict {
  const { section, key, value, isLong } = setting;
  if (value.includes('%(')) return lost('a value with %(NAME)s, which is not expanded here; set it by hand');
  if (isLong && key !== 'controllers' && key !== 'collectors') return lost('a value of several lines; set it by hand');
  if (section === 'main') return mainVerdict(key, value, found);
  if (section === 'logging') return loggingVerdict(key, value, found);
  if ((section === 'host' || section === 'guest') && key === 'collectors') return collectorsVerdict(value, found);
  if (section.startsWith('Collector:')) return lost('the settings of a collector of MOM');
  if (section === 'vdsm') return lost('Ballast asks libvirt, not VDSM');
  return lost(`MOM has no such setting in [${section}]`);
}

function mainVerdict(key: string, value: string, found: Found): Verdict {
  switch (key) {
    case 'main-loop-interval':
      return needless('the intervals are enough');
    case 'guest-manager-interval':
      return needless('libvirt reports new guests at once');
    case 'host-monitor-interval':
    case 'guest-monitor-interval': {
      const seconds = wholeIn(value, 1, 3600);
      if (seconds === null) return lost('not a whole number of seconds up to 3600');
      found.collectS = Math.min(seconds, found.collectS ?? seconds);
      return found.collectS === seconds
        ? moved(`collect_interval: ${seconds}s`)
        : needless(`collect_interval is for both: ${found.collectS}s`);
    }
    case 'policy-engine-interval': {
      const seconds = wholeIn(value, 1, 86_400);
      if (seconds === null) return lost('not a whole number of seconds up to 86400');
      found.policyS = seconds;
      return moved(`policy_interval: ${seconds}s, not less than collect_interval`);
    }
    case 'sample-history-length': {
      const samples = wholeIn(value, 1, 1000);
      if (samples === null) return lost('not a whole number up to 1000');
      found.history = samples;
      return moved(`history: ${samples}`);
    }
    case 'hypervisor-interface':
      return /^libvirt$/i.test(value) ? needless('Ballast asks libvirt') : lost(`Ballast asks libvirt, not ${value}`);
    case 'libvirt-hypervisor-uri':
      if (value === '') return needless("the default is libvirt's, qemu:///system");
      if (!/^qemu(?:\+unix)?:\/\/\/(?:system|session)$/.test(value))
        return lost('not a libvirt of this machine: Ballast runs on the host whose guests it manages');
      found.uri = value.replace('+unix', '');
      return moved(`libvirt.uri: ${found.uri}`);
    case 'controllers':
      return controllersVerdict(value, found);
    case 'plot-dir':
      return value === ''
        ? needless('off')
        : lost('no plots; `record` keeps all statistics, and `ballast explain` shows them');
    case 'rpc-port':
      return rpcVerdict(value, found);
    case 'policy':
      return policyVerdict(value, (path) => (found.policy = path));
    case 'policy-dir':
      return policyVerdict(value, (path) => (found.policyDir = path));
    default:
      return lost('MOM has no such setting in [main]');
  }
}

/** A port of loopback; MOM takes what is no number for the path of a unix socket. */
function rpcVerdict(value: string, found: Found): Verdict {
  if (value === '' || /^-\d+$/.test(value)) return needless('off');
  const parsed = parseAddress(/^\d+$/.test(value) ? `127.0.0.1:${value}` : `unix:${value}`, MOM_VERBS);
  if ('problem' in parsed) return lost(parsed.problem);
  found.rpc = addressText(parsed.value);
  const whose = parsed.value.kind === 'tcp' ? '; every user of the host can use it, as with MOM' : '';
  return moved(`control.mom_rpc: ${found.rpc}${whose}`);
}

function policyVerdict(value: string, keep: (path: string) => void): Verdict {
  if (value === '') return needless('no policy');
  keep(value);
  return moved('policy.files: a copy of it');
}

function controllersVerdict(value: string, found: Found): Verdict {
  const names = listIn(value);
  const unknown = names.filter((name) => !Object.hasOwn(CONTROLLERS, name));
  found.controllers = [
    ...new Set(names.flatMap((name) => (Object.hasOwn(CONTROLLERS, name) ? [CONTROLLERS[name]!] : []))),
  ];
  const what = `controllers: [${found.controllers.join(', ')}]`;
  return unknown.length === 0 ? moved(what) : lost(`${what}; there is none for ${unknown.join(', ')}`);
}

function collectorsVerdict(value: string, found: Found): Verdict {
  const unknown: string[] = [];
  const listed: string[] = [];
  for (const name of listIn(value)) {
    if (Object.hasOwn(LISTED_COLLECTORS, name)) listed.push(LISTED_COLLECTORS[name]!);
    else if (!USUAL_COLLECTORS.has(name)) unknown.push(name);
  }
  for (const name of listed) found.collectors.add(name);
  const what = listed.length === 0 ? 'their fields are always there' : `collectors: [default, ${listed.join(', ')}]`;
  if (unknown.length > 0) return lost(`${what}; there is none for ${unknown.join(', ')}: ${insteadOf(unknown)}`);
  return listed.length === 0 ? needless(what) : moved(what);
}

function insteadOf(names: readonly string[]): string {
  return names.some((name) => name === 'GuestNetworkDaemon')
    ? 'the memory figures of guests come from their balloon drivers, without an agent'
    : 'write a plugin for its fields';
}

function loggingVerdict(key: string, value: string, found: Found): Verdict {
  switch (key) {
    case 'log':
      if (/^(?:stdio|stdout|)$/i.test(value)) return needless('the log goes to standard error');
      found.logFile = value;
      return moved(`log.file: ${value}`);
    case 'verbosity': {
      const level = LEVELS[value.toLowerCase()];
      if (level === undefined) return lost(`no verbosity of MOM; log.level is info`);
      found.level = level;
      return moved(`log.level: ${level}`);
    }
    case 'max-bytes':
    case 'backup-count':
      return lost('rotate the log with logrotate: Ballast reopens it on SIGHUP');
    default:
      return lost('MOM has no such setting in [logging]');
  }
}

function listIn(value: string): readonly string[] {
  return value.split(/[\s,]+/).filter((name) => name !== '');
}

function wholeIn(value: string, min: number, max: number): number | null {
  const number = /^\d{1,9}$/.test(value) ? Number(value) : NaN;
  return number >= min && number <= max ? number : null;
}
