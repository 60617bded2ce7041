import { z } from 'zod';
import { NAME_PATTERN, NAME_PATTERN_FORM } from '../model/guest-pattern.ts';
import { LABEL, LABEL_FORM } from '../model/labels.ts';
import type { ParamOverride, ParamTarget } from '../model/parameter.ts';
import type { KeyMeta } from '../yaml/keys.ts';
import { suggest } from '../support/suggest.ts';
import type { KeyPath } from '../yaml/key-path.ts';
import { show } from '../yaml/show.ts';
import type { Place, YamlText } from '../yaml/yaml-text.ts';

/** An override with its position in its file. */
export interface PlacedOverride extends ParamOverride {
  readonly file: string;
  /** Of the parameter's name. */
  readonly namePlace: Place;
  readonly valuePlace: Place;
}

/** An override with its path within the group. */
interface Found extends ParamOverride {
  readonly path: KeyPath;
}

const PARAMETERS_FORM = 'a group such as {pressure_threshold: 25%}';
const SETTING_FORM =
  'a number with or without a unit, a text, or a group such as {value: 25%, labels: {db: 40%}, guests: {"web-*": 10%}}';
const GROUPS = ['value', 'labels', 'guests'] as const;

/** Schema of `parameters:` and of a parameters file. Does not check whether a policy declares the parameters. */
export function parametersSchema(doc: string) {
  return z
    .unknown()
    .transform((input, context): readonly Found[] => {
      const { found, problems } = readParameters(input);
      for (const { path, message } of problems)
        context.issues.push({ code: 'custom', message, path: [...path], input });
      return found;
    })
    .optional()
    .meta({ doc, form: PARAMETERS_FORM } satisfies KeyMeta);
}

/** Overrides in file order: JavaScript puts integer-like keys first. */
export function placeOverrides(
  found: readonly Found[],
  at: KeyPath,
  yaml: YamlText,
  file: string,
): readonly PlacedOverride[] {
  return found
    .map(({ path, ...override }) => ({
      key: yaml.keyAt([...at, ...path]),
      placed: {
        ...override,
        file,
        namePlace: yaml.keyAt([...at, override.name]),
        valuePlace: yaml.valueAt([...at, ...path]),
      },
    }))
    .sort((a, b) => a.key.line - b.key.line || a.key.column - b.key.column)
    .map(({ placed }) => placed);
}

interface Read {
  readonly found: Found[];
  readonly problems: { readonly path: KeyPath; readonly message: string }[];
}

function readParameters(input: unknown): Read {
  const read: Read = { found: [], problems: [] };
  // All lines are commented out.
  if (input === null) return read;
  const group = keysOf(input);
  if (group === null) {
    const [item] = Array.isArray(input) ? (input as readonly unknown[]).flatMap((each) => keysOf(each) ?? []) : [];
    const instead = item ? `; write them without the dashes: ${item[0]}: …` : '';
    read.problems.push({ path: [], message: `${show(input)} is not ${PARAMETERS_FORM}${instead}` });
  }
  for (const [name, setting] of group ?? []) readSetting(name, setting, read);
  return read;
}

function readSetting(name: string, setting: unknown, read: Read): void {
  const group = keysOf(setting);
  if (group === null) return readValue({ name, target: { kind: 'all' } }, setting, [name], SETTING_FORM, read);
  for (const [key, inner] of group) {
    const path = [name, key];
    if (key === 'value') readValue({ name, target: { kind: 'all' } }, inner, path, VALUE_FORM, read);
    else if (key === 'labels' || key === 'guests') readTargets(name, key, inner, read);
    else {
      const meant = key === 'default' ? 'value' : suggest(key, GROUPS);
      const right = meant === null ? `the valid keys are ${GROUPS.join(', ')}` : `did you mean "${meant}"?`;
      read.problems.push({ path, message: `unknown key ${show(key)}; ${right}` });
    }
  }
}

const VALUE_FORM = 'a number with or without a unit, or a text';

const TARGETS = {
  labels: {
    form: 'a group such as {db: 40%}',
    key: LABEL,
    keyForm: `a label: ${LABEL_FORM}`,
    target: (label: string): ParamTarget => ({ kind: 'label', label }),
  },
  guests: {
    form: 'a group such as {"web-*": 10%}',
    key: NAME_PATTERN,
    keyForm: NAME_PATTERN_FORM,
    target: (pattern: string): ParamTarget => ({ kind: 'guest', pattern }),
  },
} as const;

function readTargets(name: string, kind: keyof typeof TARGETS, input: unknown, read: Read): void {
  const { form, key: wanted, keyForm, target } = TARGETS[kind];
  if (input === null) return;
  const group = keysOf(input);
  if (group === null) read.problems.push({ path: [name, kind], message: `${show(input)} is not ${form}` });
  for (const [key, given] of group ?? []) {
    const path = [name, kind, key];
    if (wanted.test(key)) readValue({ name, target: target(key) }, given, path, VALUE_FORM, read);
    else read.problems.push({ path, message: `${show(key)} is not ${keyForm}` });
  }
}

function readValue(
  what: Pick<Found, 'name' | 'target'>,
  given: unknown,
  path: KeyPath,
  form: string,
  read: Read,
): void {
  if (typeof given === 'number' || typeof given === 'string') read.found.push({ ...what, given, path });
  else if (given === null) read.problems.push({ path, message: 'has no value; set one, or remove the key' });
  else read.problems.push({ path, message: `${show(given)} is not ${form}` });
}

function keysOf(input: unknown): readonly (readonly [string, unknown])[] | null {
  return typeof input === 'object' && input !== null && !Array.isArray(input) ? Object.entries(input) : null;
}
