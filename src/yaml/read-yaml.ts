import { Composer, Lexer, LineCounter, Parser, visit } from 'yaml';
import type { Document, ErrorCode, YAMLError } from 'yaml';
import type { FileKind } from './file-kind.ts';
import type { FileProblem } from './problem.ts';
import { notYaml } from './not-yaml.ts';
import { unsupported } from './unsupported.ts';
import { beginningOf, withPlaces, type Place, type YamlText } from './yaml-text.ts';

type Parsed = Document.Parsed;

/**
 * The parser's stack grows by two per level; Ballast's files need at most a dozen entries. The composer recurses and would overflow
 * the stack at some thousand levels, so the depth is checked first.
 */
const MAX_STACK = 64;

/**
 * Words, signs, spaces and line ends. The parser cannot be interrupted, and the daemon reads its parameters file while it runs:
 * with these limits a file takes a few tenths of a second. A config with 5,000 guest patterns has 75,000.
 */
const MAX_LEXEMES = 150_000;

/** Characters of one quoted text, each of which can be an error of its own. */
const MAX_QUOTED = 65_536;

/**
 * Reads one YAML 1.2 document. Syntax errors are returned without a value, because the rest would be a guess. Duplicate keys,
 * aliases and tags are returned with the value, so that the rest can be checked too.
 */
export function readYaml(
  file: string,
  text: string,
  kind: FileKind,
): { readonly yaml: YamlText | null; readonly problems: FileProblem[] } {
  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problemAt = (offset: number, message: string): FileProblem => ({ file, ...placeOf(offset), message });

  const other = notYaml(text, kind);
  if (other !== null) {
    lines.addNewLine(0);
    for (const { index } of text.slice(0, other.offset).matchAll(/\n/g)) lines.addNewLine(index + 1);
    return { yaml: null, problems: [problemAt(other.offset, other.message)] };
  }
  const parsed = compose(text, lines);
  if ('refusedAt' in parsed) {
    return { yaml: null, problems: [problemAt(parsed.refusedAt, `${parsed.why} for a ${kind.name}`)] };
  }
  const [document, second] = parsed.documents;
  if (document === undefined) throw new Error('the YAML composer gave no document');

  const syntax = syntaxErrors(document).map((error) => problemAt(...inPlainWords(error, document, text, kind)));
  if (second !== undefined) {
    syntax.push(
      problemAt(second.range[0], `a second YAML document starts here; a ${kind.name} holds one, so remove the "---"`),
    );
  }
  if (document.directives.yaml.version !== '1.2') {
    syntax.push(problemAt(0, 'the %YAML directive requests a version other than 1.2; remove it'));
  }
  if (syntax.length > 0) return { yaml: null, problems: syntax };

  const { problems, isUnreadable } = unsupported(document, file, placeOf);
  return { yaml: isUnreadable ? null : withPlaces(document, placeOf), problems };
}

function compose(
  text: string,
  lines: LineCounter,
): { readonly documents: Parsed[] } | { readonly refusedAt: number; readonly why: string } {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const tokens = [];
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme.length > MAX_QUOTED && lexeme.startsWith('"'))
      return { refusedAt: parser.offset, why: 'this quoted text is too long' };
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > MAX_STACK) return { refusedAt: parser.offset, why: 'is nested too deeply' };
    lexemes += 1;
    if (lexemes > MAX_LEXEMES)
      return { refusedAt: parser.offset, why: 'has too many keys, values and signs up to here' };
  }
  for (const token of parser.end()) tokens.push(token);
  // Duplicate keys are found in `unsupported`: the composer compares every key with every other.
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false });
  return { documents: [...composer.compose(tokens, true, text.length)] };
}

/** The first error; later ones are nearly always consequences of it. */
function syntaxErrors(document: Parsed): YAMLError[] {
  return [...document.errors].sort((a, b) => a.pos[0] - b.pos[0]).slice(0, 1);
}

const PLAIN_WORDS: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: 'a tab cannot indent YAML; use spaces',
  BLOCK_IN_FLOW: 'a text that contains a colon and a space needs quotes here',
  BLOCK_AS_IMPLICIT_KEY: 'a key is not allowed here; check the indentation, and quote text that contains a colon',
};

function inPlainWords(
  error: YAMLError,
  document: Parsed,
  text: string,
  { example }: FileKind,
): [offset: number, message: string] {
  const offset = error.pos[0];
  const needsQuotes = unquotedAt(offset, text);
  if (needsQuotes !== null) return needsQuotes;
  const quoted = error.code === 'MISSING_CHAR' ? quotedTextThatEndsAt(offset, document) : null;
  // The parser reports the end of the text, which may be far from the missing quote.
  if (quoted !== null) return [quoted, 'this text has no closing quote'];
  if (error.code === 'MULTILINE_IMPLICIT_KEY')
    return [offset, `this is neither a key nor a value; a key ends with a colon and a space, such as "${example}"`];
  return [offset, PLAIN_WORDS[error.code] ?? `not valid YAML: ${error.message}`];
}

function quotedTextThatEndsAt(offset: number, document: Parsed): number | null {
  let found: number | null = null;
  visit(document, {
    Scalar(_, scalar) {
      if ((scalar.type === 'QUOTE_DOUBLE' || scalar.type === 'QUOTE_SINGLE') && scalar.range?.[1] === offset)
        found = beginningOf(scalar);
    },
  });
  return found;
}

/** What begins with a character that has a meaning of its own in YAML, such as `${h}` in braces or `*` alone. */
function unquotedAt(offset: number, text: string): [offset: number, message: string] | null {
  const placeholder = /^\$\{\w*\}/.exec(text.slice(Math.max(0, offset - 1), offset + 80))?.[0];
  if (placeholder !== undefined)
    return [offset - 1, `${placeholder} needs quotes here, because { begins a group: write "${placeholder}"`];
  const [word, sign] = /^([*&!%@`])[^\s,\]}]*/.exec(text.slice(offset, offset + 80)) ?? [];
  if (word === undefined) return null;
  return [offset, `a text that begins with ${sign} needs quotes: write ${JSON.stringify(word)}`];
}
