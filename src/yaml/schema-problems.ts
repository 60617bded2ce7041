import type { z } from 'zod';
import { suggest } from '../support/suggest.ts';
import { keyName, type KeyPath } from './key-path.ts';
import { everyKey, keysAt, keyTree } from './key-tree.ts';
import type { FileProblem } from './problem.ts';
import { show } from './show.ts';
import type { YamlText } from './yaml-text.ts';

type Issue = z.core.$ZodIssue;

/** The file and the schema that it was checked against. */
export interface CheckedFile {
  readonly yaml: YamlText;
  readonly file: string;
  readonly schema: z.ZodType;
  /** The path of the checked value in the file. */
  readonly base?: KeyPath;
  /** Unknown keys that are reported elsewhere. */
  readonly passed?: readonly string[];
}

/** For safeParse: distinguishes a missing key from an invalid one. */
export const WITH_INPUT = { reportInput: true } as const;

/** Converts schema issues to problems with positions. Each value has one problem: the first. */
export function schemaProblems(
  issues: readonly Issue[],
  { yaml, file, schema, base = [], passed = [] }: CheckedFile,
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
            message: `unknown key ${show(key)}${where}${suggestion(key, known, base, schema)}`,
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

/** For a union, the issues of the intended alternative: the one with the right type and errors inside. */
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

/** Whether a message is only the expected form: then the actual value is put before it. */
function isForm(message: string): boolean {
  return /^is (?!(?:empty|not|missing)\b)/.test(message);
}

/** Longer lists of known keys are omitted. */
const LISTED = 30;

/** What to write instead of an unknown key; the end of its message. */
function suggestion(key: string, known: readonly string[], base: KeyPath, schema: z.ZodType): string {
  const meant = suggest(key, known);
  if (meant !== null) return `; did you mean "${meant}"?`;
  const elsewhere = elsewhereIn(schema, key);
  if (elsewhere !== null) return `; did you mean "${keyName([...base, ...elsewhere])}"?`;
  return known.length <= LISTED ? `; the valid keys are ${known.join(', ')}` : ': there is no such field or key';
}

/** The first path of each key, by schema. */
const PLACES = new WeakMap<z.ZodType, ReadonlyMap<string, KeyPath>>();

/** Looks a key up in the whole schema. Cached, because a file may have thousands of unknown keys. */
function elsewhereIn(schema: z.ZodType, key: string): KeyPath | null {
  let places = PLACES.get(schema);
  if (places === undefined) {
    const keys = everyKey(keyTree(schema)).map(({ path }) => [path.at(-1) ?? '', path] as const);
    places = new Map(keys.reverse());
    PLACES.set(schema, places);
  }
  return places.get(key) ?? null;
}
