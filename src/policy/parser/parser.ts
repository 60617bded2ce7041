import type { IToken } from 'chevrotain';
import type { Comment, FileNode } from '../text/ast.ts';
import { catalogue } from '../messages/catalogue.ts';
import { diagnostic, type Diagnostic } from '../messages/diagnostics.ts';
import type { Fault } from '../messages/fault.ts';
import type { Limits } from '../limits/limits.ts';
import { LINE_END, type SourceDamage, type SourceText } from '../text/source.ts';
import { CLOSING, endOf, makeMachinery, type TextReport } from './grammar.ts';
import { COMMENTS } from './tokens.ts';

/** Parses one file. Compile the expressions only if no diagnostic is an error. */
export function parse(
  source: SourceText,
  limits: Limits,
): { readonly file: FileNode; readonly diagnostics: readonly Diagnostic[] } {
  const found: { start: number; end: number; fault: Fault }[] = [];
  const report: TextReport = { source, limits, at: (start, end, fault) => void found.push({ start, end, fault }) };
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

function read(source: SourceText, limits: Limits, report: TextReport): Pick<FileNode, 'expressions' | 'comments'> {
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

/** Whether the first line that is not empty or a comment looks like YAML. */
function isYaml(text: string): boolean {
  const first = text.split(LINE_END, 100).find((line) => line.trim() !== '' && !line.trimStart().startsWith('#')) ?? '';
  return /^(?:---|[A-Za-z_][A-Za-z0-9_-]*:)(?:\s|$)/.test(first);
}

/** The parser and the compiler are recursive, so the depth is checked first. */
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
