import type { IToken } from 'chevrotain';
import type { Comment, FileNode } from '../text/ast.ts';
import { catalogue } from '../messages/catalogue.ts';
import { diagnostic, type Diagnostic } from '../messages/diagnostics.ts';
import type { Fault } from '../messages/fault.ts';
import type { Limits } from '../limits/limits.ts';
import { otherFormat } from '../../support/other-format.ts';
import type { SourceDamage, SourceText } from '../text/source.ts';
import { CLOSING, endOf, makeMachinery, type TextReport } from './grammar.ts';
import { COMMENTS, FOREIGN_COMMENTS } from './tokens.ts';
import { suspectText, tornText, type Torn } from './torn-text.ts';

/** Parses one file. Compile the expressions only if no diagnostic is an error. */
export function parse(
  source: SourceText,
  limits: Limits,
): {
  readonly file: FileNode;
  readonly diagnostics: readonly Diagnostic[];
  /** A text that lacks its closing quote if the file has other mistakes. */
  readonly suspect: Diagnostic | null;
} {
  const found: { start: number; end: number; fault: Fault }[] = [];
  const report: TextReport = { source, limits, at: (start, end, fault) => void found.push({ start, end, fault }) };
  const { expressions, comments, suspect } = read(source, limits, report);
  const file: FileNode = { expressions, comments, span: { source, start: 0, end: source.text.length } };
  found.sort((a, b) => a.start - b.start);
  onlyTheMissingQuote(found);
  const diagnostics = found
    .slice(0, limits.diagnostics)
    .map(({ start, end, fault }) => diagnostic('parse', { source, start, end }, fault));
  const rest = found[limits.diagnostics];
  if (rest)
    diagnostics.push(diagnostic('parse', { source, ...rest }, catalogue.moreErrors(found.length - limits.diagnostics)));
  return {
    file,
    diagnostics,
    suspect: suspect && diagnostic('parse', { source, start: suspect.start, end: suspect.start + 1 }, suspect.fault),
  };
}

/** After a missing quote, texts and code are exchanged: every other mistake there is a consequence, and brackets seem unclosed. */
function onlyTheMissingQuote(found: { start: number; fault: Fault }[]): void {
  const at = found.findIndex(({ fault }) => fault.code === 'unclosed-text');
  if (at === -1) return;
  const before = found.slice(0, at).filter(({ fault }) => fault.code !== 'unclosed-bracket');
  found.splice(0, found.length, ...before, found[at] as (typeof found)[number]);
}

const NOTHING = { expressions: [], comments: [], suspect: null };

interface Read extends Pick<FileNode, 'expressions' | 'comments'> {
  readonly suspect: Torn | null;
}

function read(source: SourceText, limits: Limits, report: TextReport): Read {
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
  const foreign = groups[FOREIGN_COMMENTS] ?? [];
  const other = errors.length > 0 || foreign.length > 0 ? otherFormat(text) : null;
  if (other !== null && other.format !== 'policy') {
    report.at(other.offset, other.offset + other.text.length, catalogue.otherFormat(other.format));
    return NOTHING;
  }
  reportStray(
    [
      ...errors.map(({ offset, length }) => ({ offset, wrong: text.slice(offset, offset + length) })),
      ...foreign.map(({ startOffset, image }) => ({
        offset: startOffset,
        wrong: /^(?:;+|\/\/)/.exec(image)?.[0] ?? '',
      })),
    ].sort((a, b) => a.offset - b.offset),
    report,
  );
  const torn = tornText(tokens, text);
  if (torn) report.at(torn.start, torn.start + 1, torn.fault);
  const tooDeep = firstTooDeep(tokens, limits.nesting);
  if (tooDeep) {
    report.at(tooDeep.startOffset, endOf(tooDeep), catalogue.nestedTooDeep(limits.nesting));
    return NOTHING;
  }
  const comments = (groups[COMMENTS] ?? []).map((token): Comment => ({
    text: token.image,
    span: { source, start: token.startOffset, end: endOf(token) },
  }));
  return { expressions: parser.read(tokens, report), comments, suspect: torn ? null : suspectText(tokens, text) };
}

function reportDamage(damage: SourceDamage, limits: Limits, report: TextReport): void {
  switch (damage.kind) {
    case 'too-large':
      return report.at(0, 0, catalogue.sourceTooLarge(damage.bytes, limits.sourceLength));
    case 'utf-16':
      return report.at(0, 0, catalogue.utf16());
    case 'not-utf-8':
      return report.at(damage.offset, damage.offset + 1, catalogue.notUtf8(damage.byte));
  }
}

/** A habit from another language, such as commas, gives one message. */
function reportStray(all: readonly { readonly offset: number; readonly wrong: string }[], report: TextReport): void {
  const told = new Set<string>();
  for (const { offset, wrong } of all) {
    const fault = catalogue.strayCharacter(wrong);
    const { hint } = fault;
    if (hint !== null && told.has(hint)) continue;
    // Each = needs its own correction.
    if (hint !== null && wrong !== '=') told.add(hint);
    report.at(offset, offset + wrong.length, fault);
  }
}

/** The parser and the compiler are recursive, so the depth is checked first. */
function firstTooDeep(tokens: readonly IToken[], limit: number): IToken | null {
  let depth = 0;
  for (const token of tokens) {
    const { image } = token;
    if (CLOSING.has(image)) {
      depth += 1;
      if (depth > limit) return token;
    } else if (depth > 0 && (image === ')' || image === ']' || image === '}')) {
      depth -= 1;
    }
  }
  return null;
}
