import type { SourcePosition } from '../../model/control.ts';
import type { PolicyError } from '../../model/decision.ts';
import { type FaultCode, WARNINGS } from './catalogue.ts';
import type { Fault } from './fault.ts';
import type { Fix } from './wording.ts';
import { SourceText, type PolicySource, type Span } from '../text/source.ts';

/** An error or warning about a policy, from parsing to evaluation. */
export interface Diagnostic extends PolicyError, Fault {
  readonly severity: 'error' | 'warning';
  /** Offsets into the text of `position.file`, `end` exclusive; null with a null position. */
  readonly span: { readonly start: number; readonly end: number } | null;
  /** Where the span ends. */
  readonly end: SourcePosition | null;
  /** A change of the text that fixes the problem; offsets into the same file as `span`. */
  readonly replacement?: { readonly start: number; readonly end: number; readonly text: string };
}

export function diagnostic(
  phase: Diagnostic['phase'],
  span: Span | null,
  fault: Fault,
  { severity = 'error', guest = null }: Partial<Pick<Diagnostic, 'severity' | 'guest'>> = {},
): Diagnostic {
  const replacement = span && fault.fix && replacementIn(fault.fix.span ?? span, fault.fix, fault.code);
  return {
    phase,
    severity,
    code: fault.code,
    message: fault.message,
    hint: fault.hint,
    position: span && span.source.positionAt(span.start),
    end: span && span.source.positionAt(span.end),
    span: span && { start: span.start, end: span.end },
    guest,
    ...(replacement && { replacement }),
  };
}

/** Codes whose wrong word follows its owner, as in `Host.fild`. */
const AFTER_OWNER: ReadonlySet<FaultCode> = new Set(['unknown-field', 'unknown-method']);

/** Finds the wrong word, because a fault's span may cover the whole call. */
function replacementIn(
  { source: { text }, start, end }: Span,
  { wrong, right }: Fix,
  code: FaultCode,
): Diagnostic['replacement'] | null {
  const found: number[] = [];
  for (let at = text.indexOf(wrong, start); at !== -1 && at + wrong.length <= end; at = text.indexOf(wrong, at + 1)) {
    const isPartOfName =
      isNamePart(text.charAt(at - 1) + wrong.charAt(0)) || isNamePart(wrong.slice(-1) + text.charAt(at + wrong.length));
    if (!isPartOfName) found.push(at);
  }
  const at = AFTER_OWNER.has(code) ? found.at(-1) : found[0];
  return at === undefined ? null : { start: at, end: at + wrong.length, text: right };
}

/** Whether two neighbouring characters belong to one name. */
function isNamePart(characters: string): boolean {
  return /^[A-Za-z0-9_-]{2}$/.test(characters);
}

/** Converts a diagnostic to the form used in decisions and recordings, with the hint in the message. */
export function policyError({ phase, message, hint, position, guest }: Diagnostic): PolicyError {
  return { phase, message: faultText({ message, hint }), position, guest };
}

/** The message and its hint on one line. */
export function faultText({ message, hint }: Pick<Fault, 'message' | 'hint'>): string {
  return hint === null ? message : `${message}; ${hint}`;
}

const SHOWN_BEFORE = 60;
const SHOWN_AFTER = 60;

/**
 * Renders diagnostics for a terminal or a log: `file:line:column: error: message`, the line, a caret under the position,
 * and the hint. A warning ends with its code, such as `[maybe-nil]`. Control characters of the source are shown as a dot, so
 * that a policy cannot control the terminal.
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: readonly PolicySource[],
  { color = false }: { readonly color?: boolean } = {},
): string {
  const texts = new Map(sources.map((source) => [source.file, new SourceText(source)]));
  const paint = (code: number, text: string): string => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  return diagnostics
    .map((item) => {
      const { position, severity, code } = item;
      const place = position ? `${printable(position.file)}:${position.line}:${position.column}: ` : '';
      const whose = item.guest ? ` (guest ${printable(item.guest.name)})` : '';
      const lines = [
        `${paint(1, place)}${paint(severity === 'error' ? 31 : 33, severity)}: ${printable(item.message)}${whose}${severity === 'warning' && code in WARNINGS ? ` [${code}]` : ''}`,
      ];
      const source = position && texts.get(position.file);
      if (source) lines.push(...excerpt(source, item, (text) => paint(32, text)));
      if (item.hint !== null) lines.push(`  ${paint(36, 'hint')}: ${printable(item.hint)}`);
      return `${lines.join('\n')}\n`;
    })
    .join('');
}

function excerpt(source: SourceText, { position, end }: Diagnostic, paint: (text: string) => string): string[] {
  if (!position || !end) return [];
  const line = source.line(position.line);
  const at = position.column - 1;
  const last = end.line === position.line ? end.column - 1 : line.length;
  // A line may be a megabyte long: show only the surrounding text.
  const from = at > SHOWN_BEFORE ? at - SHOWN_BEFORE : 0;
  const to = Math.min(line.length, Math.max(at + 1, Math.min(last, at + SHOWN_AFTER)) + SHOWN_AFTER);
  const ellipsis = from > 0 ? '…' : '';
  const tail = to < line.length ? '…' : '';
  const gutter = `${position.line}`;
  const pad = ' '.repeat(gutter.length);
  const before = ellipsis + visible(line.slice(from, at));
  const width = Math.max(1, [...visible(line.slice(at, Math.min(last, to)))].length);
  return [
    `  ${gutter} | ${before}${visible(line.slice(at, to))}${tail}`,
    `  ${pad} | ${before.replace(/[^\t]/gu, ' ')}${paint('^' + '~'.repeat(width - 1))}`,
  ];
}

/** Keeps tabs, so that the caret line stays aligned at any tab width. */
export function visible(text: string): string {
  return text.replace(/(?!\t)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '·');
}

function printable(text: string): string {
  return visible(text).replaceAll('\t', ' ');
}
