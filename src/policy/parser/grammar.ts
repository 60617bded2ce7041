import { EmbeddedActionsParser, Lexer, type IToken } from 'chevrotain';
import type { Node } from '../text/ast.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Fault } from '../messages/fault.ts';
import type { Limits } from '../limits/limits.ts';
import type { SourceText, Span } from '../text/source.ts';
import {
  Atom,
  BadNumber,
  Close,
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
import { inBase, readQuantity } from '../text/quantity.ts';

/** Receives errors: the parser continues after each, so that one run reports all. */
export interface TextReport {
  readonly source: SourceText;
  readonly limits: Limits;
  at(start: number, end: number, fault: Fault): void;
}

/** By opening bracket. A map: a name such as `toString` is in every plain object. */
export const CLOSING: ReadonlyMap<string, string> = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
]);

/**
 * file: (expression | Close)*
 * expression: Atom | Open expression* Close?
 *
 * The grammar accepts every sequence of tokens. An action that finds a stray, missing or wrong bracket reports it, with the
 * bracket that it belongs to. The messages are better than those of the parser's own error recovery, and no text after the
 * error is lost.
 */
class PolicyParser extends EmbeddedActionsParser {
  #open: IToken[] = [];
  /** The end of the last stray bracket: several in a row are one mistake. */
  #strayEnd = -1;
  #report: TextReport | null = null;

  constructor() {
    // The grammar is fixed and covered by tests, so its validation is skipped at startup.
    super(TOKENS, { skipValidations: true, maxLookahead: 1 });
    this.performSelfAnalysis();
  }

  read(tokens: IToken[], report: TextReport): readonly Node[] {
    this.#report = report;
    this.#open = [];
    this.#strayEnd = -1;
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

  /** A closing bracket that matches an outer opening one closes that one; the brackets between lack their own. */
  #closesHere(): boolean {
    const next = this.LA(1).image;
    const innermost = this.#open.at(-1);
    if (innermost && CLOSING.get(innermost.image) === next) return true;
    return !this.#open.some((open) => CLOSING.get(open.image) === next);
  }

  #list(open: IToken, items: Node[], close: IToken | undefined): Node {
    this.#open.pop();
    const report = this.#report as TextReport;
    const want = CLOSING.get(open.image) as string;
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

  /** The line of the first item in column 1 inside an unclosed bracket, because top-level forms start there. */
  #suspect(open: IToken, items: readonly Node[]): number | null {
    const { source } = this.#report as TextReport;
    for (const item of items) {
      if (item.kind !== 'list' || item.span.start <= open.startOffset) continue;
      const { line, column } = source.positionAt(item.span.start);
      if (column === 1) return line;
    }
    return null;
  }

  #stray(close: IToken): void {
    this.ACTION(() => {
      const report = this.#report as TextReport;
      const isNext = this.#strayEnd !== -1 && report.source.text.slice(this.#strayEnd, close.startOffset).trim() === '';
      if (!isNext) report.at(close.startOffset, endOf(close), catalogue.strayClose(close.image));
      this.#strayEnd = endOf(close);
    });
  }

  #atom(token: IToken): Node {
    const span = this.#span(token.startOffset, endOf(token));
    const { image } = token;
    const report = this.#report as TextReport;
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
        // Reported with the place where the quote is missing: see tornText.
        return Object.freeze({ kind: 'text', value: '', span });
      case BadNumber:
        report.at(span.start, span.end, catalogue.badNumber(image));
        return Object.freeze({ kind: 'number', value: 0, unit: null, fraction: false, span });
      default:
        throw new Error(`no node for the token ${token.tokenType.name}`);
    }
  }

  #checkLength({ length }: string, span: Span): boolean {
    const { limits, at } = this.#report as TextReport;
    if (length <= limits.numberLength) return true;
    at(span.start, span.end, catalogue.numberTooLong(length, limits.numberLength));
    return false;
  }

  #span(start: number, end: number): Span {
    return { source: (this.#report as TextReport).source, start, end };
  }
}

export function endOf(token: IToken): number {
  return token.startOffset + token.image.length;
}

// Created on first use: this takes milliseconds, and most commands do not parse a policy.
let machinery: { readonly lexer: Lexer; readonly parser: PolicyParser } | null = null;

export function makeMachinery(): { readonly lexer: Lexer; readonly parser: PolicyParser } {
  machinery ??= {
    lexer: new Lexer(TOKENS, { positionTracking: 'onlyOffset', skipValidations: true, ensureOptimizations: false }),
    parser: new PolicyParser(),
  };
  return machinery;
}
