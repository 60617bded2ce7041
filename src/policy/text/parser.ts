import { EmbeddedActionsParser, Lexer, type IToken } from 'chevrotain';
import type { Comment, FileNode, Node } from './ast.ts';
import { catalogue } from '../catalogue.ts';
import { diagnostic, type Diagnostic, type Fault } from '../diagnostics.ts';
import type { Limits } from '../limits.ts';
import { LINE_END, SourceText, type SourceDamage, type Span } from './source.ts';
import {
  Atom,
  BadNumber,
  Close,
  COMMENTS,
  Exponent,
  Fraction,
  Hexadecimal,
  Integer,
  Keyword,
  Octal,
  Open,
  Operator,
  Quantity,
  Symbol,
  Text,
  TOKENS,
  UnclosedText,
} from './tokens.ts';
import { inBase, readQuantity } from './quantity.ts';

/** What the parser reports to: it goes on after every mistake, so that one run shows all of them. */
interface Report {
  readonly source: SourceText;
  readonly limits: Limits;
  at(start: number, end: number, fault: Fault): void;
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/**
 * file: (expression | Close)*
 * expression: Atom | Open expression* Close?
 *
 * The grammar accepts every sequence of tokens. What does not belong (a stray, missing or wrong bracket) is reported by
 * the action that meets it, which knows the bracket it belongs to; that makes better messages than a parser's own
 * recovery, and loses nothing of the text after the mistake.
 */
class PolicyParser extends EmbeddedActionsParser {
  #open: IToken[] = [];
  #report: Report | null = null;

  constructor() {
    // The grammar above is fixed and the tests parse with it: the validation of the grammar itself need not run at every start.
    super(TOKENS, { skipValidations: true, maxLookahead: 1 });
    this.performSelfAnalysis();
  }

  read(tokens: IToken[], report: Report): readonly Node[] {
    this.#report = report;
    this.#open = [];
    this.input = tokens;
    try {
      return this.file();
    } finally {
      this.#report = null;
      this.input = [];
    }
  }

  private file = this.RULE('file', (): Node[] => {
    const expressions: Node[] = [];
    this.MANY(() => {
      this.OR([
        { ALT: () => expressions.push(this.SUBRULE(this.expression)) },
        { ALT: () => this.#stray(this.CONSUME(Close)) },
      ]);
    });
    return expressions;
  });

  private expression = this.RULE('expression', (): Node =>
    this.OR([
      {
        ALT: () => {
          const token = this.CONSUME(Atom);
          return this.ACTION(() => this.#atom(token));
        },
      },
      {
        ALT: () => {
          const items: Node[] = [];
          const open = this.CONSUME(Open);
          this.ACTION(() => this.#open.push(open));
          this.MANY(() => {
            items.push(this.SUBRULE(this.expression));
          });
          const close = this.OPTION({ GATE: () => this.#closesHere(), DEF: () => this.CONSUME(Close) });
          return this.ACTION(() => this.#list(open, items, close));
        },
      },
    ]),
  );

  /** A closing bracket that fits an outer opening one closes that: what is open in between lacks its own. */
  #closesHere(): boolean {
    const next = this.LA(1).image;
    const innermost = this.#open.at(-1);
    if (innermost && CLOSING[innermost.image] === next) return true;
    return !this.#open.some((open) => CLOSING[open.image] === next);
  }

  #list(open: IToken, items: Node[], close: IToken | undefined): Node {
    this.#open.pop();
    const report = this.#report as Report;
    const want = CLOSING[open.image] as string;
    const end = close ? endOf(close) : (items.at(-1)?.span.end ?? endOf(open));
    if (!close) {
      report.at(open.startOffset, endOf(open), catalogue.unclosed(open.image, want, this.#suspect(open, items)));
    } else if (close.image !== want) {
      const { line } = report.source.positionAt(open.startOffset);
      report.at(close.startOffset, endOf(close), catalogue.mismatched(close.image, open.image, want, line));
    }
    const span = this.#span(open.startOffset, end);
    if (open.image === '{') {
      items.unshift(Object.freeze({ kind: 'symbol', name: 'eval', span: this.#span(open.startOffset, endOf(open)) }));
    }
    return Object.freeze({ kind: 'list', items: Object.freeze(items), span });
  }

  /** The line of the first form inside an unclosed bracket that begins in column 1, as top-level forms do. */
  #suspect(open: IToken, items: readonly Node[]): number | null {
    const { source } = this.#report as Report;
    for (const item of items) {
      if (item.kind !== 'list' || item.span.start <= open.startOffset) continue;
      const { line, column } = source.positionAt(item.span.start);
      if (column === 1) return line;
    }
    return null;
  }

  #stray(close: IToken): void {
    this.ACTION(() => {
      (this.#report as Report).at(close.startOffset, endOf(close), catalogue.strayClose(close.image));
    });
  }

  #atom(token: IToken): Node {
    const span = this.#span(token.startOffset, endOf(token));
    const { image } = token;
    const report = this.#report as Report;
    switch (token.tokenType) {
      case Symbol:
        return Object.freeze({ kind: 'symbol', name: image, span });
      case Text:
        return Object.freeze({ kind: 'text', value: image.slice(1, -1), span });
      case Keyword:
        return Object.freeze({ kind: 'keyword', name: image.slice(1), span });
      case Operator:
        return Object.freeze({ kind: 'operator', operator: image, span });
      case Quantity: {
        const quantity = readQuantity(image);
        if (!quantity) throw new Error(`no quantity: ${image}`);
        const value = this.#checkLength(image, span) ? inBase(quantity) : 0;
        return Object.freeze({
          kind: 'number',
          value,
          unit: quantity.unit.suffix,
          fraction: !Number.isInteger(value),
          span,
        });
      }
      case Integer:
      case Hexadecimal:
      case Octal:
      case Fraction:
      case Exponent: {
        const value = Number(image);
        if (this.#checkLength(image, span) && Number.isNaN(value))
          report.at(span.start, span.end, catalogue.badOctal(image));
        const fraction = token.tokenType === Fraction || token.tokenType === Exponent;
        return Object.freeze({ kind: 'number', value, unit: null, fraction, span });
      }
      case UnclosedText:
        report.at(span.start, span.start + 1, catalogue.unclosedText(image.charAt(0)));
        return Object.freeze({ kind: 'text', value: '', span });
      case BadNumber:
        report.at(span.start, span.end, catalogue.badNumber(image));
        return Object.freeze({ kind: 'number', value: 0, unit: null, fraction: false, span });
      default:
        throw new Error(`no node for the token ${token.tokenType.name}`);
    }
  }

  #checkLength({ length }: string, span: Span): boolean {
    const { limits, at } = this.#report as Report;
    if (length <= limits.numberLength) return true;
    at(span.start, span.end, catalogue.numberTooLong(length, limits.numberLength));
    return false;
  }

  #span(start: number, end: number): Span {
    return { source: (this.#report as Report).source, start, end };
  }
}

function endOf(token: IToken): number {
  return token.startOffset + token.image.length;
}

// Built at the first parse: their making costs milliseconds, and most commands of the program parse nothing.
let machinery: { readonly lexer: Lexer; readonly parser: PolicyParser } | null = null;

function makeMachinery(): { readonly lexer: Lexer; readonly parser: PolicyParser } {
  machinery ??= {
    lexer: new Lexer(TOKENS, { positionTracking: 'onlyOffset', skipValidations: true, ensureOptimizations: false }),
    parser: new PolicyParser(),
  };
  return machinery;
}

/** Reads one file. The expressions are worth compiling only when no diagnostic is an error. */
export function parse(
  source: SourceText,
  limits: Limits,
): { readonly file: FileNode; readonly diagnostics: readonly Diagnostic[] } {
  const found: { start: number; end: number; fault: Fault }[] = [];
  const report: Report = { source, limits, at: (start, end, fault) => void found.push({ start, end, fault }) };
  const { expressions, comments } = read(source, limits, report);
  const file: FileNode = { expressions, comments, span: { source, start: 0, end: source.text.length } };
  found.sort((a, b) => a.start - b.start);
  const diagnostics = found
    .slice(0, limits.diagnostics)
    .map(({ start, end, fault }) => diagnostic('parse', { source, start, end }, fault));
  const rest = found[limits.diagnostics];
  if (rest)
    diagnostics.push(diagnostic('parse', { source, ...rest }, catalogue.moreErrors(found.length - limits.diagnostics)));
  return { file, diagnostics };
}

const NOTHING = { expressions: [], comments: [] };

function read(source: SourceText, limits: Limits, report: Report): Pick<FileNode, 'expressions' | 'comments'> {
  const { text } = source;
  if (source.damage !== undefined) {
    reportDamage(source.damage, limits, report);
    return NOTHING;
  }
  if (text.length > limits.sourceLength) {
    report.at(0, 0, catalogue.sourceTooLong(text.length, limits.sourceLength));
    return NOTHING;
  }
  const zero = text.indexOf('\0');
  if (zero !== -1) {
    report.at(zero, zero + 1, catalogue.notText());
    return NOTHING;
  }
  const { lexer, parser } = makeMachinery();
  const { tokens, errors, groups } = lexer.tokenize(text);
  if (errors.length > 0 && isYaml(text)) {
    report.at(0, 0, catalogue.otherFormat('YAML'));
    return NOTHING;
  }
  for (const { offset, length } of errors)
    report.at(offset, offset + length, catalogue.strayCharacter(text.slice(offset, offset + length)));
  const tooDeep = firstTooDeep(tokens, limits.nesting);
  if (tooDeep) {
    report.at(tooDeep.startOffset, endOf(tooDeep), catalogue.nestedTooDeep(limits.nesting));
    return NOTHING;
  }
  const comments = (groups[COMMENTS] ?? []).map((token): Comment => ({
    text: token.image,
    span: { source, start: token.startOffset, end: endOf(token) },
  }));
  return { expressions: parser.read(tokens, report), comments };
}

function reportDamage(damage: SourceDamage, limits: Limits, report: Report): void {
  switch (damage.kind) {
    case 'too-large':
      return report.at(0, 0, catalogue.sourceTooLarge(damage.bytes, limits.sourceLength));
    case 'utf-16':
      return report.at(0, 0, catalogue.utf16());
    case 'not-utf-8':
      return report.at(damage.offset, damage.offset + 1, catalogue.notUtf8(damage.byte));
  }
}

/** Whether the first line that says something is one of YAML. */
function isYaml(text: string): boolean {
  const first = text.split(LINE_END, 100).find((line) => line.trim() !== '' && !line.trimStart().startsWith('#')) ?? '';
  return /^(?:---|[A-Za-z_][A-Za-z0-9_-]*:)(?:\s|$)/.test(first);
}

/** The parser and the compiler recurse with the text: its depth is bounded before either starts. */
function firstTooDeep(tokens: readonly IToken[], limit: number): IToken | null {
  let depth = 0;
  for (const token of tokens) {
    const { image } = token;
    if (image in CLOSING) {
      depth += 1;
      if (depth > limit) return token;
    } else if (depth > 0 && (image === ')' || image === ']' || image === '}')) {
      depth -= 1;
    }
  }
  return null;
}
