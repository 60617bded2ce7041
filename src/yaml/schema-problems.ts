import type { z } from 'zod';
import { suggest } from '../support/suggest.ts';
import { keyName, type KeyPath } from './key-path.ts';
import { everyKey, keysAt, keyTree } from './key-tree.ts';
import type { FileProblem } from './problem.ts';
import { show } from './show.ts';
import type { YamlText } from './yaml-text.ts';

type Issue = z.core.$ZodIssue;

/** What was judged, and by what. */
export interface Judged {
  readonly yaml: YamlText;
  readonly file: string;
  readonly schema: z.ZodType;
  /** Where in the file the value that was judged stands. */
  readonly base?: KeyPath;
  /** Keys that are reported elsewhere when they are unknown. */
  readonly passed?: readonly string[];
}

/** For safeParse: so that a key that is missing can be told from one that is wrong. */
export const WITH_INPUT = { reportInput: true } as const;

/** What the schema found, as problems with their places. One value has one problem: the first. */
export function schemaProblems(
  issues: readonly Issue[],
  { yaml, file, schema, base = [], passed = [] }: Judged,
): FileProblem[] {
  const seen = new Set<string>();
  return issues
    .flatMap((issue) => plainIssues(issue, []))
    .flatMap(({ issue, path: within }): FileProblem[] => {
      const path = [...base, ...within];
      if (issue.code === 'unrecognized_keys') {
        const known = keysAt(schema, within);
        const where = path.length === 0 ? '' : ` in ${keyName(path)}`;
        return issue.keys
          .filter((key) => !passed.includes(key))
          .map((key) => ({
            file,
            ...yaml.keyAt([...path, key]),
            message: `unknown key ${show(key)}${where}${instead(key, known, base, schema)}`,
          }));
      }
      const name = keyName(path);
      if (seen.has(name)) return [];
      seen.add(name);
      return [{ file, ...yaml.valueAt(path), message: isMissing(issue) ? missingKey(path) : joined(name, issue) }];
    });
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
  const inFull =
    isForm(message) && input !== undefined
      ? `${input === null ? 'null' : show(input)} ${message.replace(/^is /, 'is not ')}`
      : message;
  if (name === '') return inFull;
  return `${name}${/^(?:is|has|names) /.test(inFull) ? ' ' : ': '}${inFull}`;
}

/** Whether a message only says what a value is to be: what it is comes first then. */
function isForm(message: string): boolean {
  return /^is (?!(?:empty|not|missing)\b)/.test(message);
}

/** More keys than this are not listed. */
const LISTED = 30;

/** What to write for an unknown key, as the end of its message. */
function instead(key: string, known: readonly string[], base: KeyPath, schema: z.ZodType): string {
  const meant = suggest(key, known);
  if (meant !== null) return `; did you mean "${meant}"?`;
  const elsewhere = elsewhereIn(schema, key);
  if (elsewhere !== null) return `; did you mean "${keyName([...base, ...elsewhere])}"?`;
  return known.length <= LISTED ? `; the valid keys are ${known.join(', ')}` : ': there is no such field or key';
}

/** Where a schema has its keys: of each the first place. */
const PLACES = new WeakMap<z.ZodType, ReadonlyMap<string, KeyPath>>();

/** Looks a key up in the whole of a schema. A file may have thousands that are unknown: a schema is gone through once. */
function elsewhereIn(schema: z.ZodType, key: string): KeyPath | null {
  let places = PLACES.get(schema);
  if (places === undefined) {
    const keys = everyKey(keyTree(schema)).map(({ path }) => [path.at(-1) ?? '', path] as const);
    places = new Map(keys.reverse());
    PLACES.set(schema, places);
  }
  return places.get(key) ?? null;
}
