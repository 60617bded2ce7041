import { readRecord, stackLines, type LogRecord } from './record.ts';

/** MOM's logger names by Ballast component. Other components become `mom.` and the name in PascalCase. */
const LOGGERS: Readonly<Record<string, string>> = {
  daemon: 'mom',
  balloon: 'mom.Controllers.Balloon',
  ksm: 'mom.Controllers.KSM',
  policy: 'mom.Policy',
  engine: 'mom.PolicyEngine',
  collect: 'mom.Monitor',
  hypervisor: 'mom.libvirtInterface',
};

const LEVELS: Readonly<Record<string, string>> = {
  trace: 'DEBUG',
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
  fatal: 'CRITICAL',
};

/** The logger of a change that a dry run only reports, so that it can be told from a real one without shifting a word. */
const DRY_RUN = '.DryRun';

const BALLOON_LINE = /^Ballooning /;

/**
 * MOM's line format, as written by Python's logging with MOM's default format:
 * `2021-07-14 02:32:08,106 - mom.Controllers.Balloon - INFO - Ballooning guest:one-1217 from 14981844 to 14928458`.
 * Times are local. Fields are omitted: scripts count words from both ends of a balloon line. Other lines end with their reason.
 */
export function momFormat(line: string): string {
  const record = readRecord(line);
  const level = LEVELS[record.level] ?? record.level.toUpperCase();
  const isDryRun = record['dry_run'] === true && record['control'] !== undefined;
  const name = `${momLogger(record.name)}${isDryRun ? DRY_RUN : ''}`;
  return `${asctime(new Date(record.time))} - ${name} - ${level} - ${messageOf(record)}\n${stackLines(record)}`;
}

function messageOf({ msg = '', reason, control }: LogRecord): string {
  return typeof reason !== 'string' || control === 'balloon_target' || BALLOON_LINE.test(msg)
    ? msg
    : `${msg}: ${reason}`;
}

export function momLogger(component: string | undefined): string {
  if (component === undefined) return 'mom';
  if (Object.hasOwn(LOGGERS, component)) return LOGGERS[component] ?? 'mom';
  const words = component.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return words.length === 0
    ? 'mom'
    : `mom.${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}`;
}

function asctime(date: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time},${String(date.getMilliseconds()).padStart(3, '0')}`;
}
