import { BUILTINS } from '../../policy/builtins/builtins.ts';
import { PREDEFINED } from '../../policy/builtins/function-values.ts';
import { isRenamed } from '../../policy/check/mom-names.ts';
import type { Definition, Occurrence } from '../../policy/forms/occurrence.ts';
import type { Node } from '../../policy/text/ast.ts';
import { LINE_END, spanText, type Span } from '../../policy/text/source.ts';
import { OWNERS } from '../../policy/values/owner.ts';
import { fieldsOf } from './owners.ts';
import type { Place, PolicyProgram } from './program.ts';

/** With the line ends as parts of their own. */
const LINES = new RegExp(`(${LINE_END.source})`);

/** The legend of the protocol: clients receive indexes into these lists. */
export const TOKEN_TYPES = [
  'comment',
  'keyword',
  'string',
  'number',
  'operator',
  'variable',
  'parameter',
  'property',
  'function',
  'method',
  'enumMember',
] as const;
export const TOKEN_MODIFIERS = ['declaration', 'readonly', 'defaultLibrary', 'deprecated'] as const;

type TokenType = (typeof TOKEN_TYPES)[number];
type TokenModifier = (typeof TOKEN_MODIFIERS)[number];

/** A coloured range within one line. */
export interface SemanticToken extends Place {
  readonly type: TokenType;
  readonly modifiers: readonly TokenModifier[];
}

interface Style {
  readonly type: TokenType;
  readonly modifiers?: readonly TokenModifier[];
}

interface Styled {
  readonly span: Span;
  readonly style: Style;
}

/** The tokens of a range of a file, in text order and without overlaps. Names that nothing defines have none. */
export function semanticTokens(program: PolicyProgram, file: string, start: number, end: number): SemanticToken[] {
  const { analysis } = program;
  const naming = new Naming(program);
  const names = new Map<number, Styled>();
  for (const occurrence of analysis.occurrences) {
    const { span } = occurrence;
    const style = span.source.file === file ? naming.style(occurrence) : null;
    if (style) names.set(span.start, { span, style });
  }
  const all: Styled[] = [...names.values()];
  const add = (span: Span, type: TokenType): void => {
    if (!names.has(span.start)) all.push({ span, style: { type } });
  };
  for (const { span, comments, expressions } of analysis.files) {
    if (span.source.file !== file) continue;
    for (const comment of comments) add(comment.span, 'comment');
    for (const node of expressions) addAtoms(node, false, add, (at) => names.has(at));
  }
  return all
    .flatMap(lines)
    .filter((token) => token.start < end && token.end > start)
    .sort((a, b) => a.start - b.start);
}

/**
 * @param isChoice whether texts are the possible values of a parameter
 * @param isName whether the token of a name starts at an offset
 */
function addAtoms(
  node: Node,
  isChoice: boolean,
  add: (span: Span, type: TokenType) => void,
  isName: (at: number) => boolean,
): void {
  const { kind, span } = node;
  if (kind === 'list') {
    const choices = node.items.findIndex((item) => item.kind === 'keyword' && item.name === 'one-of') + 1;
    for (const [at, item] of node.items.entries())
      addAtoms(item, isChoice || (choices > 0 && at === choices), add, isName);
  } else if (kind === 'symbol') {
    if (node.name === 'nil' || node.name === 'else') add(span, 'keyword');
  } else if (kind !== 'text') add(span, kind);
  else if (isName(span.start + 1)) {
    // Only the quotes: tokens must not overlap.
    add({ ...span, end: span.start + 1 }, 'string');
    add({ ...span, start: Math.max(span.start + 1, span.end - 1) }, 'string');
  } else add(span, isChoice ? 'enumMember' : 'string');
}

/** The styles of names. */
class Naming {
  readonly #functions: ReadonlySet<string>;
  readonly #global: ReadonlyMap<string, Definition['kind']>;
  readonly #set: ReadonlySet<string>;
  readonly #fields: ReadonlySet<string>;

  constructor(program: PolicyProgram) {
    const { definitions, occurrences } = program.analysis;
    this.#functions = new Set(definitions.filter(({ kind }) => kind === 'function').map(({ name }) => name));
    this.#global = new Map(
      definitions.filter(({ kind }) => kind !== 'function').map(({ name, kind }) => [name, kind] as const),
    );
    this.#set = new Set(occurrences.filter(({ role }) => role === 'write').map(({ name }) => name));
    this.#fields = new Set(OWNERS.flatMap((owner) => fieldsOf(program.vocabulary, owner).map(({ name }) => name)));
  }

  style(occurrence: Occurrence): Style | null {
    const { kind, name, role, span } = occurrence;
    const modifiers: readonly TokenModifier[] = role === 'definition' ? ['declaration'] : [];
    switch (kind) {
      case 'builtin':
        return builtinStyle(name, spanText(span));
      case 'method':
        return { type: 'method', modifiers: ['defaultLibrary'] };
      case 'keyword':
        return { type: 'keyword' };
      case 'control':
      case 'stored':
        return { type: 'property', modifiers };
      case 'prop':
        return { type: 'property', modifiers: ['readonly'] };
      case 'field':
        return { type: 'property', modifiers: this.#isOld(name) ? ['readonly', 'deprecated'] : ['readonly'] };
      case 'function':
        return this.#functions.has(name) ? { type: 'function', modifiers } : null;
      case 'variable':
        return this.#variable(occurrence, modifiers);
      case 'unknown':
        return null;
    }
  }

  #variable({ name, definition }: Occurrence, modifiers: readonly TokenModifier[]): Style | null {
    const kind = definition?.kind ?? this.#global.get(name);
    if (kind === undefined)
      return PREDEFINED.has(name) ? { type: 'variable', modifiers: ['readonly', 'defaultLibrary'] } : null;
    if (kind === 'parameter') return { type: 'parameter', modifiers };
    const isFixed = kind === 'param' && !this.#set.has(name);
    return {
      type: kind === 'param' ? 'parameter' : 'variable',
      modifiers: isFixed ? [...modifiers, 'readonly'] : modifiers,
    };
  }

  #isOld(name: string): boolean {
    return isRenamed(name) && !this.#fields.has(name);
  }
}

function builtinStyle(name: string, text: string): Style | null {
  // The parser has inserted `eval` for a brace.
  if (text === '{') return null;
  if (!/^[A-Za-z_]/.test(text)) return { type: 'operator' };
  const form = BUILTINS.get(name)?.form ?? 'plain';
  return form === 'plain' ? { type: 'function', modifiers: ['defaultLibrary'] } : { type: 'keyword' };
}

/** The parts of a token on each line: not all clients take longer ones. */
function lines({ span: { source, start, end }, style: { type, modifiers = [] } }: Styled): SemanticToken[] {
  const tokens: SemanticToken[] = [];
  let at = start;
  for (const part of source.text.slice(start, end).split(LINES)) {
    if (part.trim() !== '') tokens.push({ file: source.file, start: at, end: at + part.length, type, modifiers });
    at += part.length;
  }
  return tokens;
}
