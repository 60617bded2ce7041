import { keyName, type KeyPath } from '../yaml/key-path.ts';
import type { FileProblem } from '../yaml/problem.ts';
import { type Parsed, parseDuration } from '../yaml/units.ts';
import type { YamlText } from '../yaml/yaml-text.ts';
import type { SettingsGroup } from '../plugin/settings.ts';

/**
 * Checks rules that involve several keys. The rules read the file's own values, so that their problems are reported along with
 * all others; keys that are invalid by themselves are skipped.
 * @param defaults the values of an empty file, by the keys of the file
 */
export function checkCombinations(
  yaml: YamlText,
  file: string,
  groups: readonly SettingsGroup[],
  defaults: unknown,
): FileProblem[] {
  return [
    policyGivenTwice(yaml),
    notShorter(yaml, ['policy_interval'], ['collect_interval'], defaults),
    ...pluginDurations(yaml, groups, defaults),
    wholeSeconds(yaml, defaults),
  ]
    .filter((found) => found !== null)
    .map(({ path, message }) => ({ file, ...yaml.valueAt(path), message: `${keyName(path)}: ${message}` }));
}

interface Found {
  readonly path: KeyPath;
  readonly message: string;
}

function policyGivenTwice(yaml: YamlText): Found | null {
  const policy = at(yaml.value, ['policy']);
  const named = typeof policy === 'string' || Array.isArray(policy) || at(policy, ['files']) !== undefined;
  if (!named || at(yaml.value, ['policy_dir']) === undefined) return null;
  const { line } = yaml.keyAt(['policy']);
  return {
    path: ['policy_dir'],
    message: `policy files are already set by "policy" on line ${line}; set only one of the two`,
  };
}

function notShorter(yaml: YamlText, longer: KeyPath, shorter: KeyPath, defaults: unknown): Found | null {
  const [long, short] = [durationAt(yaml, longer, defaults), durationAt(yaml, shorter, defaults)];
  if (long === null || short === null || long.ms >= short.ms) return null;
  return long.given
    ? {
        path: longer,
        message: `${long.text} is shorter than ${keyName(shorter)} (${short.text}${short.given ? '' : ', the default'})`,
      }
    : {
        path: shorter,
        message: `${short.text} is longer than ${keyName(longer)} (${long.text}, the default); set that too`,
      };
}

/** Checks durations of plugins that must not be shorter than another one. */
function pluginDurations(yaml: YamlText, groups: readonly SettingsGroup[], defaults: unknown): (Found | null)[] {
  return groups.flatMap(({ key, keys }) =>
    Object.entries(keys).flatMap(([name, setting]) =>
      setting.type === 'duration' && setting.notShorterThan !== undefined
        ? [notShorter(yaml, [key, name], setting.notShorterThan, defaults)]
        : [],
    ),
  );
}

function wholeSeconds(yaml: YamlText, defaults: unknown): Found | null {
  const path = ['libvirt', 'stats_period'];
  const period = durationAt(yaml, path, defaults);
  return period === null || period.ms % 1000 === 0
    ? null
    : { path, message: `${period.text} is not a whole number of seconds` };
}

/** null: the key is set, but invalid. */
function durationAt(
  yaml: YamlText,
  path: KeyPath,
  defaults: unknown,
): { readonly ms: number; readonly text: string; readonly given: boolean } | null {
  const raw = at(yaml.value, path);
  if (raw === null) return null;
  if (raw === undefined) {
    const ms = at(defaults, path) as number;
    return { ms, text: ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`, given: false };
  }
  const parsed: Parsed = parseDuration(raw);
  return 'value' in parsed ? { ms: parsed.value, text: String(raw), given: true } : null;
}

function at(value: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>((inner, key) => {
    const isGroup = typeof inner === 'object' && inner !== null && !Array.isArray(inner) && Object.hasOwn(inner, key);
    return isGroup ? (inner as Record<string | number, unknown>)[key] : undefined;
  }, value);
}
