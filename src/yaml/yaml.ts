import { Composer, isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, Parser, visit } from 'yaml';
import type { Document, ErrorCode, Node, Pair, YAMLError, YAMLMap } from 'yaml';
import type { ConfigProblem } from './problem.ts';

/** A key path: `['guests', 'balloon_min', 0, 'min']`. */
export type KeyPath = readonly (string | number)[];

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A YAML text as plain data that remembers where everything stood. */
export interface YamlText {
  /** null when the text has no value. */
  readonly value: unknown;
  /** Where a value stands; the nearest that exists around it when there is none. */
  valueAt(path: KeyPath): Place;
  /** Where the key of a value stands. */
  keyAt(path: KeyPath): Place;
}

type Parsed = Document.Parsed;

/**
 * The parser's stack grows by two for each level; the config needs eight. The composer recurses, and a text that is
 * nested some thousand levels deep ends the process where the stack runs out, so the depth is judged before it runs.
 */
const MAX_STACK = 64;

/**
 * Reads one YAML 1.2 document. Syntax errors come back alone (what follows them is a guess); a key that is given
 * twice, an alias and a tag come back beside the value, so that the rest can be judged too.
 * @param what the file is, for messages
 */
export function readYaml(
  file: string,
  text: string,
  what = 'a config file',
): { readonly yaml: YamlText | null; readonly problems: ConfigProblem[] } {
  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problemAt = (offset: number, message: string): ConfigProblem => ({ file, ...placeOf(offset), message });

  const parsed = compose(text, lines);
  if ('tooDeepAt' in parsed) {
    return { yaml: null, problems: [problemAt(parsed.tooDeepAt, `is nested too deeply for ${what}`)] };
  }
  const [document, second] = parsed.documents;
  if (document === undefined) throw new Error('the YAML composer gave no document');

  const syntax = syntaxErrors(document).map((error) => problemAt(...inPlainWords(error, document)));
  if (second !== undefined) {
    syntax.push(
      problemAt(second.range[0], `a second YAML document starts here; ${what} holds one, so remove the "---"`),
    );
  }
  if (document.directives.yaml.version !== '1.2') {
    syntax.push(problemAt(0, 'the %YAML directive asks for another version than 1.2; remove it'));
  }
  if (syntax.length > 0) return { yaml: null, problems: syntax };

  const { problems, unreadable } = checkNodes(document, problemAt);
  return { yaml: unreadable ? null : positioned(document, placeOf), problems };
}

function compose(text: string, lines: LineCounter): { readonly documents: Parsed[] } | { readonly tooDeepAt: number } {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const tokens = [];
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > MAX_STACK) return { tooDeepAt: parser.offset };
  }
  for (const token of parser.end()) tokens.push(token);
  // Keys that are given twice are found below: the composer compares every key with every other.
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false });
  return { documents: [...composer.compose(tokens, true, text.length)] };
}

/** The first error of each line: those that follow it there are its echoes. */
function syntaxErrors(document: Parsed): YAMLError[] {
  const seen = new Set<number>();
  return document.errors.filter((error) => {
    const known = seen.has(error.pos[0]);
    seen.add(error.pos[0]);
    return !known;
  });
}

const PLAIN_WORDS: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: 'a tab cannot indent YAML; use spaces',
  BLOCK_AS_IMPLICIT_KEY:
    'a key with its value cannot stand here; check the indentation, and quote text that has a colon in it',
  MULTILINE_IMPLICIT_KEY:
    'this is neither a key nor a value; a key ends with a colon and a space, such as "history: 10"',
};

function inPlainWords(error: YAMLError, document: Parsed): [offset: number, message: string] {
  const offset = error.pos[0];
  const quoted = error.code === 'MISSING_CHAR' ? quotedTextThatEndsAt(offset, document) : null;
  // The parser blames the end of the text, which may be far from the quote that was forgotten.
  if (quoted !== null) return [quoted, 'the text that begins here has no closing quote'];
  return [offset, PLAIN_WORDS[error.code] ?? `not valid YAML: ${error.message}`];
}

function quotedTextThatEndsAt(offset: number, document: Parsed): number | null {
  let found: number | null = null;
  visit(document, {
    Scalar(_, scalar) {
      if ((scalar.type === 'QUOTE_DOUBLE' || scalar.type === 'QUOTE_SINGLE') && scalar.range?.[1] === offset)
        found = start(scalar);
    },
  });
  return found;
}

function checkNodes(
  document: Parsed,
  problemAt: (offset: number, message: string) => ConfigProblem,
): {
  readonly problems: ConfigProblem[];
  readonly unreadable: boolean;
} {
  const problems: ConfigProblem[] = [];
  let unreadable = false;
  let aliased = false;
  visit(document, {
    Alias(_, alias) {
      if (aliased) return;
      aliased = unreadable = true;
      problems.push(problemAt(start(alias), `aliases such as *${alias.source} are not supported; write the value out`));
    },
    Node(_, node) {
      if (node.tag === undefined) return;
      unreadable = true;
      problems.push(
        problemAt(
          start(node),
          `YAML tags such as ${node.tag.replace('tag:yaml.org,2002:', '!!')} are not supported; remove it`,
        ),
      );
    },
    Map(_, map) {
      const first = new Map<string, number>();
      for (const { key } of map.items) {
        if (isAlias(key)) continue;
        if (!isScalar(key)) {
          unreadable = true;
          problems.push(problemAt(start(key as Node), 'a key must be a plain word'));
          continue;
        }
        const name = String(key.value);
        const offset = start(key);
        const before = first.get(name);
        if (before === undefined) first.set(name, offset);
        else
          problems.push(
            problemAt(offset, `the key "${name}" is given twice; the first is on line ${problemAt(before, '').line}`),
          );
      }
    },
  });
  return { problems, unreadable };
}

function positioned(document: Parsed, placeOf: (offset: number) => Place): YamlText {
  const indexes = new Map<YAMLMap, ReadonlyMap<string, Pair<Node, Node | null>>>();
  const pairsOf = (map: YAMLMap) => {
    let index = indexes.get(map);
    if (index === undefined) {
      const pairs = map.items as Pair<Node, Node | null>[];
      index = new Map(pairs.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : '', pair]));
      indexes.set(map, index);
    }
    return index;
  };
  const find = (path: KeyPath) => {
    let node: Node | null = document.contents;
    let key: Node | null = node;
    for (const segment of path) {
      let next: { readonly key: Node | null; readonly node: Node | null } | undefined;
      if (isMap(node)) {
        const pair = pairsOf(node).get(String(segment));
        if (pair !== undefined) next = { key: pair.key, node: pair.value ?? pair.key };
      } else if (isSeq(node) && typeof segment === 'number') {
        const item = node.items[segment] as Node | undefined;
        if (item !== undefined) next = { key: item, node: item };
      } else {
        // A short form stands for the group of keys that it fills in: the path goes on where the short form is.
        continue;
      }
      if (next === undefined) break;
      ({ key, node } = next);
    }
    return { key, node };
  };
  const place = (node: Node | null): Place => placeOf(node === null ? 0 : start(node));
  return {
    value: document.toJS() as unknown,
    valueAt: (path) => place(find(path).node),
    keyAt: (path) => place(find(path).key),
  };
}

function start(node: Node): number {
  return node.range?.[0] ?? 0;
}
