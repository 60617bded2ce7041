import { calculate } from './arithmetic.ts';
import { linesOf, yamlText, type Migration, type Moved } from './migration.ts';

/** The settings that ksmtuned.policy has under the same names, with the range and unit of its parameters. */
const PARAMETERS: Readonly<Record<string, { readonly unit: string; readonly min: number; readonly max: number }>> = {
  KSM_MONITOR_INTERVAL: { unit: 's', min: 1, max: 3600 },
  KSM_SLEEP_MSEC: { unit: '', min: 1, max: 10_000 },
  KSM_NPAGES_BOOST: { unit: 'pages', min: 0, max: 100_000 },
  KSM_NPAGES_DECAY: { unit: 'pages', min: -100_000, max: 0 },
  KSM_NPAGES_MIN: { unit: 'pages', min: 1, max: 1_000_000 },
  KSM_NPAGES_MAX: { unit: 'pages', min: 1, max: 1_000_000 },
  KSM_THRES_COEF: { unit: '', min: 0, max: 100 },
  KSM_THRES_CONST: { unit: 'KiB', min: 0, max: 64 * 1024 ** 3 },
};

/** ksmtuned's own default. */
const MONITOR_S = 60;

/** The longest policy interval that is written, seconds: KSM is watched at least so often. */
const LONGEST_INTERVAL_S = 10;

type Verdict = Pick<Moved, 'kind' | 'what'>;

/** ksmtuned.conf: assignments that a shell runs. What a shell would have to run is not run. @throws MigrationError */
export function migrateKsmtuned(file: string, text: string): Migration {
  const parameters = new Map<string, string>();
  const moved: Moved[] = [];
  let monitorS = MONITOR_S;
  let level: string | null = null;
  let logFile: string | null = null;
  linesOf(file, text).forEach((line, at) => {
    const setting = withoutComment(line);
    if (setting === '') return;
    const tell = (verdict: Verdict): void => void moved.push({ file, line: at + 1, setting, ...verdict });
    const [, name, raw = ''] = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(setting) ?? [];
    if (name === undefined)
      return tell({ kind: 'lost', what: 'no assignment: what a shell would run is not run here' });
    const value = unquoted(raw);
    if (name === 'LOGFILE') {
      logFile = value;
      return tell({ kind: 'moved', what: `log.file: ${value}` });
    }
    if (name === 'DEBUG') {
      level = value === '' || value === '0' ? null : 'debug';
      return tell({
        kind: level === null ? 'needless' : 'moved',
        what: level === null ? 'the log level is info' : 'log.level: debug',
      });
    }
    if (!Object.hasOwn(PARAMETERS, name)) return tell({ kind: 'lost', what: 'ksmtuned has no such setting' });
    const { unit, min, max } = PARAMETERS[name]!;
    const number = calculate(/^\$\(\((.*)\)\)$/.exec(value)?.[1] ?? value);
    if (number === null)
      return tell({ kind: 'lost', what: `not a whole number; set the parameter ${name} in ballast.yaml by hand` });
    const kept = Math.min(max, Math.max(min, number));
    parameters.set(name, `${kept}${unit}`);
    if (name === 'KSM_MONITOR_INTERVAL') monitorS = kept;
    const note = name === 'KSM_SLEEP_MSEC' ? ', but ksmd never sleeps less than 10 ms' : '';
    if (kept === number) tell({ kind: 'moved', what: `policy.parameters.${name}: ${kept}${unit}${note}` });
    else
      tell({
        kind: 'lost',
        what: `the range of the parameter is ${min}${unit} to ${max}${unit}: it is ${kept}${unit} now`,
      });
  });
  const intervalS = dividing(monitorS);
  return {
    config: [
      `collect_interval: ${Math.min(5, intervalS)}s`,
      `policy_interval: ${intervalS}s`,
      'controllers: [ksm]',
      ...(level === null && logFile === null ? [] : ['log:']),
      ...(level === null ? [] : [`  level: ${level}`]),
      ...(logFile === null ? [] : [`  file: ${yamlText(logFile)}`]),
    ],
    parameters,
    policies: [{ shipped: 'ksmtuned' }],
    moved,
  };
}

/** The longest interval up to {@link LONGEST_INTERVAL_S} of which the monitor interval is a multiple, seconds. */
function dividing(monitorS: number): number {
  for (let seconds = LONGEST_INTERVAL_S; seconds > 1; seconds--) if (monitorS % seconds === 0) return seconds;
  return 1;
}

/** A `#` begins a comment in a shell where a word begins, outside of quotes. */
function withoutComment(line: string): string {
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '#' && (at === 0 || /[\s;]/.test(line[at - 1]!))) return line.slice(0, at).trim();
  }
  return line.trim();
}

function unquoted(value: string): string {
  return /^"([^"\\$`]*)"$/.exec(value)?.[1] ?? /^'([^']*)'$/.exec(value)?.[1] ?? value;
}
