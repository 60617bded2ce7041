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
  /** What to do about an unknown key that the schema does not tell. */
  readonly cureFor?: (path: KeyPath, key: string, value: unknown) => string | null;
}

/** For safeParse: distinguishes a missing key from an invalid one. */
export const WITH_INPUT = { reportInput: true } as const;

/** Converts schema issues to problems with positions. Each value has one problem: the first. */
export function schemaProblems(issues: readonly Issue[], checked: CheckedFile): FileProblem[] {
  const { yaml, file, schema, base = [] } = checked;
  const placed = issues.flatMap((issue) => plainIssues(issue, []));
  const meant = new MeantKeys(placed, schema);
  const seen = new Set<string>();
  return placed.flatMap(({ issue, path: within }): FileProblem[] => {
    const path = [...base, ...within];
    if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, within, meant, checked);
    const name = keyName(path);
    // A key that is there under a wrong name is not missing.
    if (seen.has(name) || (isMissing(issue) && meant.has(within))) return [];
    seen.add(name);
    const isBare = isMissing(issue) && !issue.message.startsWith(MISSING);
    return [{ file, ...yaml.valueAt(path), message: isBare ? missingKey(path) : joined(name, issue) }];
  });
}

function unknownKeys(
  keys: readonly string[],
  within: KeyPath,
  meant: MeantKeys,
  { yaml, file, schema, base = [], passed = [], cureFor }: CheckedFile,
): FileProblem[] {
  const path = [...base, ...within];
  const where = path.length === 0 ? '' : ` in ${keyName(path)}`;
  return keys
    .filter((key) => !passed.includes(key))
    .map((key) => {
      const right = meant.of(within, key);
      const cure = right === null ? (cureFor?.(path, key, yaml.at([...path, key])) ?? null) : null;
      const hint =
        right !== null
          ? `; did you mean "${right}"?`
          : cure === null
            ? suggestion(key, keysAt(schema, within), base, within, schema)
            : `; ${cure}`;
      return { file, ...yaml.keyAt([...path, key]), message: `unknown key ${show(key)}${where}${hint}` };
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

/** How the message of a missing key begins that tells what to write. */
const MISSING = 'is missing';

function isMissing(issue: Issue): boolean {
  return isWrongType(issue) && (('input' in issue && issue.input === undefined) || issue.message.startsWith(MISSING));
}

/** The keys that unknown ones were meant to be. */
class MeantKeys {
  readonly #schema: z.ZodType;
  /** The missing and the unknown keys of each group. */
  readonly #missing = new Map<string, string[]>();
  readonly #unknown = new Map<string, readonly string[]>();
  readonly #meant = new Set<string>();

  constructor(placed: readonly Placed[], schema: z.ZodType) {
    this.#schema = schema;
    for (const { issue, path } of placed) {
      if (issue.code === 'unrecognized_keys') this.#unknown.set(keyName(path), issue.keys);
      if (!isMissing(issue)) continue;
      const group = keyName(path.slice(0, -1));
      const missing = this.#missing.get(group);
      if (missing) missing.push(String(path.at(-1)));
      else this.#missing.set(group, [String(path.at(-1))]);
    }
    for (const { issue, path } of placed) {
      if (issue.code !== 'unrecognized_keys') continue;
      for (const key of issue.keys) {
        const right = this.of(path, key);
        if (right !== null) this.#meant.add(keyName([...path, right]));
      }
    }
  }

  /** Whether an unknown key was meant to be the one at a path. */
  has(path: KeyPath): boolean {
    return this.#meant.has(keyName(path));
  }

  /** Similarly spelt, in the plural or singular, or the only one that is missing. */
  of(group: KeyPath, key: string): string | null {
    const known = keysAt(this.#schema, group);
    const [only, ...more] = this.#missing.get(keyName(group)) ?? [];
    const isAlone = only !== undefined && more.length === 0 && this.#unknown.get(keyName(group))?.length === 1;
    return suggest(key, known) ?? known.find((each) => stem(each) === stem(key)) ?? (isAlone ? only : null);
  }
}

function stem(word: string): string {
  return word.replace(/ies$/, 'y').replace(/s$/, '');
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
const LISTED = 40;

/** What to write instead of an unknown key; the end of its message. */
function suggestion(key: string, known: readonly string[], base: KeyPath, within: KeyPath, schema: z.ZodType): string {
  const elsewhere = elsewhereIn(schema, key, within);
  if (elsewhere !== null) return `; did you mean "${keyName([...base, ...elsewhere])}"?`;
  return known.length <= LISTED ? `; the valid keys are ${known.join(', ')}` : ': there is no such field or key';
}

/** A key that has more places than this is suggested at none of them. */
const MANY_PLACES = 8;

/** The paths of each key, by schema. */
const PLACES = new WeakMap<z.ZodType, ReadonlyMap<string, readonly KeyPath[]>>();

/** Looks a key up in the whole schema: the first path that shares most with the given one. Cached, because a file may have thousands of unknown keys. */
function elsewhereIn(schema: z.ZodType, key: string, within: KeyPath): KeyPath | null {
  let places = PLACES.get(schema);
  if (places === undefined) {
    const found = new Map<string, KeyPath[]>();
    for (const { path } of everyKey(keyTree(schema))) {
      const name = path.at(-1) ?? '';
      const paths = found.get(name);
      if (paths) paths.push(path);
      else found.set(name, [path]);
    }
    places = found;
    PLACES.set(schema, places);
  }
  const shared = (path: KeyPath): number => [...path, null].findIndex((part, at) => part !== within[at]);
  const found = places.get(key) ?? [];
  // One of many places, such as a key of every control, tells nothing.
  if (found.length > MANY_PLACES) return null;
  return found.reduce<KeyPath | null>(
    (best, path) => (best === null || shared(path) > shared(best) ? path : best),
    null,
  );
}
