import type { Comment } from '../text/ast.ts';
import { catalogue, WARNINGS } from '../messages/catalogue.ts';
import type { Fault } from '../messages/fault.ts';
import { suggest } from '../../support/suggest.ts';
import type { Span } from '../text/source.ts';

/** A warning before it is filtered and shown. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly span: Span;
  readonly make: () => Fault;
}

/** One code of a comment `# ballast: allow CODE, CODE`. */
interface Allowance {
  readonly code: string;
  readonly span: Span;
  /** The line and file that it applies to. */
  readonly line: number;
  used: boolean;
}

const ALLOW = /^#\s*ballast:\s*allow\b/;
const CODE = /[A-Za-z0-9_-]+/g;

/**
 * Removes the warnings that comments allow: on the comment's own line or, if the comment stands alone, on the line below.
 * Adds a warning for each unknown or unused code.
 */
export function allowed(findings: readonly Finding[], comments: readonly Comment[]): readonly Finding[] {
  const allowances = comments.flatMap(allowancesOf);
  if (allowances.length === 0) return findings;
  const kept = findings.filter((finding) => finding.severity === 'error' || !isAllowed(finding, allowances));
  return [...kept, ...allowances.flatMap(warningsAbout)];
}

/** The line that an allow comment applies to; null for other comments. */
export function allowedLine({ span: { source, start }, text }: Comment): number | null {
  if (!ALLOW.test(text)) return null;
  const { line, column } = source.positionAt(start);
  const isAlone =
    source
      .line(line)
      .slice(0, column - 1)
      .trim() === '';
  return isAlone ? line + 1 : line;
}

function allowancesOf({ span, text }: Comment): Allowance[] {
  const head = ALLOW.exec(text);
  const line = allowedLine({ span, text });
  if (!head || line === null) return [];
  const { source, start } = span;
  return [...text.slice(head[0].length).matchAll(CODE)].map(({ 0: code, index }) => {
    const at = start + head[0].length + index;
    return { code, span: { source, start: at, end: at + code.length }, line, used: false };
  });
}

function isAllowed({ span: { source, start }, make }: Finding, allowances: readonly Allowance[]): boolean {
  const here = allowances.filter((each) => each.span.source === source);
  if (here.length === 0) return false;
  const { line } = source.positionAt(start);
  const onLine = here.filter((each) => each.line === line);
  if (onLine.length === 0) return false;
  const { code } = make();
  const matching = onLine.filter((each) => each.code === code);
  for (const each of matching) each.used = true;
  return matching.length > 0;
}

function warningsAbout({ code, span, used }: Allowance): Finding[] {
  if (used) return [];
  const known = Object.keys(WARNINGS);
  const make = (): Fault =>
    known.includes(code) ? catalogue.unusedAllow(code) : catalogue.unknownAllow(code, suggest(code, known));
  return [{ severity: 'warning', span, make }];
}
