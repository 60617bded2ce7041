import { z } from 'zod';
import { keyName } from '../../yaml/key-name.ts';
import type { ConfigProblem } from '../../yaml/problem.ts';
import { suggest } from '../../support/suggest.ts';
import { show } from '../../yaml/units.ts';
import type { KeyPath, YamlText } from '../../yaml/yaml.ts';

type Issue = z.core.$ZodIssue;

/** What was judged, and by what. */
export interface Judged {
  readonly yaml: YamlText;
  readonly file: string;
  readonly schema: z.ZodType;
  /** Where in the file the value that was judged stands. */
  readonly base?: KeyPath;
}

/** For safeParse: so that a key that is missing can be told from one that is wrong. */
export const WITH_INPUT = { reportInput: true } as const;

/** What the schema found, as problems with their places. One value has one problem: the first. */
export function problemsOf(issues: readonly Issue[], { yaml, file, schema, base = [] }: Judged): ConfigProblem[] {
  const seen = new Set<string>();
  return issues
    .flatMap((issue) => plainIssues(issue, []))
    .flatMap(({ issue, path: within }): ConfigProblem[] => {
      const path = [...base, ...within];
      if (issue.code === 'unrecognized_keys') {
        return issue.keys
          .filter((key) => key !== FORBIDDEN)
          .map((key) => ({
            file,
            ...yaml.keyAt([...path, key]),
            message: unknownKey(key, path, keysAt(schema, within)),
          }));
      }
      const name = keyName(path);
      if (seen.has(name)) return [];
      seen.add(name);
      return [{ file, ...yaml.valueAt(path), message: isMissing(issue) ? missingKey(path) : joined(name, issue) }];
    });
}

const FORBIDDEN = '__proto__';

/** A key that JavaScript keeps for itself would be dropped without a word. */
export function forbiddenKeys(yaml: YamlText, file: string): ConfigProblem[] {
  const found: ConfigProblem[] = [];
  const walk = (value: unknown, path: KeyPath): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      const at = [...path, Array.isArray(value) ? Number(key) : key];
      if (key === FORBIDDEN)
        found.push({
          file,
          ...yaml.keyAt(at),
          message: `"${FORBIDDEN}" cannot be a key here: JavaScript keeps that name for itself; choose another`,
        });
      else walk(inner, at);
    }
  };
  walk(yaml.value, []);
  return found;
}

interface Placed {
  readonly issue: Issue;
  readonly path: KeyPath;
}

/** Of a choice of forms, the issues of the form that was meant: the one that has the right type, and mistakes inside. */
function plainIssues(issue: Issue, around: KeyPath): readonly Placed[] {
  const path: KeyPath = [...around, ...(issue.path as KeyPath)];
  if (issue.code !== 'invalid_union') return [{ issue, path }];
  const forms = issue.errors.map((issues) => issues.flatMap((each) => plainIssues(each, path)));
  const meant = forms.find((issues) =>
    issues.every((each) => each.path.length > path.length || !isWrongType(each.issue)),
  );
  return meant !== undefined && meant.length > 0 ? meant : [{ issue, path }];
}

function isWrongType({ code }: Issue): boolean {
  return code === 'invalid_type' || code === 'invalid_value' || code === 'invalid_union';
}

function isMissing(issue: Issue): boolean {
  return isWrongType(issue) && 'input' in issue && issue.input === undefined;
}

function missingKey(path: KeyPath): string {
  const where = keyName(path.slice(0, -1));
  return `the key "${String(path.at(-1))}" is missing${where === '' ? '' : ` in ${where}`}`;
}

function joined(name: string, { message, input }: Issue): string {
  const whole = name === '' ? 'the file' : name;
  // Messages that say what a value is to be begin with "is"; what it is comes first.
  if (message.startsWith('is ') && input !== undefined && !/^is (?:empty|not)\b/.test(message))
    return `${whole}: ${input === null ? 'null' : show(input)} ${message.replace(/^is /, 'is not ')}`;
  return `${whole}${/^(?:is|has|names) /.test(message) ? ' ' : ': '}${message}`;
}

function unknownKey(key: string, path: KeyPath, known: readonly string[]): string {
  const where = path.length === 0 ? '' : ` in ${keyName(path)}`;
  const meant = suggest(key, known);
  if (meant !== null) return `unknown key ${show(key)}${where}; did you mean "${meant}"?`;
  return `unknown key ${show(key)}${where}${known.length <= 20 ? `; the keys here are ${known.join(', ')}` : ': there is no such field or key'}`;
}

/** The keys that a group can have, in any of its forms. */
function keysAt(schema: z.core.$ZodType, path: KeyPath): string[] {
  const [next, ...rest] = path;
  const inner = forms(schema);
  if (next === undefined) return inner.flatMap((form) => (form instanceof z.ZodObject ? Object.keys(form.shape) : []));
  return inner.flatMap((form) => {
    if (form instanceof z.ZodObject)
      return Object.hasOwn(form.shape, next) ? keysAt(form.shape[String(next)] as z.ZodType, rest) : [];
    if (form instanceof z.ZodArray) return keysAt(form.element, rest);
    return form instanceof z.ZodRecord ? keysAt(form.valueType, rest) : [];
  });
}

function forms(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return forms(schema.def.innerType);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(forms);
  return [schema];
}
