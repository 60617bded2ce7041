import type { Diagnostic } from '../../policy/index.ts';
import { WARNINGS } from '../../policy/messages/catalogue.ts';
import { budgetFor, fixesFor } from './fixes/index.ts';
import type { Edit, PolicyProgram } from './program.ts';

/** An edit that resolves a diagnostic. */
export interface CodeAction {
  readonly title: string;
  /** Whether it is the only one that fixes the problem. */
  readonly isPreferred: boolean;
  readonly diagnostic: Diagnostic;
  readonly edits: readonly Edit[];
}

/** Diagnostics that one request gets actions for. */
const MOST = 100;

/** The actions for the diagnostics in a range of a file, fixes first. */
export function codeActions(program: PolicyProgram, file: string, start: number, end: number): readonly CodeAction[] {
  const touched = program.diagnostics
    .filter(({ position, span }) => position?.file === file && span !== null && span.end >= start && span.start <= end)
    .slice(0, MOST);
  const budget = budgetFor(program);
  return [
    ...touched.flatMap((diagnostic) => fixes(program, file, diagnostic, budget)),
    ...touched.flatMap((diagnostic) => allowing(program, file, diagnostic)),
  ];
}

function fixes(
  program: PolicyProgram,
  file: string,
  diagnostic: Diagnostic,
  budget: { left: number },
): readonly CodeAction[] {
  const { replacement, severity } = diagnostic;
  const replaced = replacement ? [replacing(program, file, replacement)] : [];
  // A misspelt name hides what is wrong besides.
  const found = severity === 'error' && replacement ? replaced : fixesFor(program, diagnostic, replaced, budget);
  return found.map((proposal) => ({ ...proposal, isPreferred: found.length === 1, diagnostic }));
}

function replacing(program: PolicyProgram, file: string, { start, end, text }: NonNullable<Diagnostic['replacement']>) {
  const wrong = program.source(file).text.slice(start, end);
  return { title: `Change ${wrong} to ${text}`, edits: [{ file, start, end, text }] };
}

/** Warnings about allow comments. */
const ABOUT_COMMENTS: ReadonlySet<string> = new Set(['unknown-allow', 'unused-allow']);
const ALLOW = /#\s*ballast:\s*allow\b.*$/;

/** Adds a code to the allow comment that applies to the line, or inserts such a comment. */
function allowing(program: PolicyProgram, file: string, diagnostic: Diagnostic): readonly CodeAction[] {
  const { code, severity, position, span } = diagnostic;
  if (severity !== 'warning' || !(code in WARNINGS) || ABOUT_COMMENTS.has(code) || !position || !span) return [];
  const source = program.source(file);
  const lineStart = source.lineStart(position.line);
  const line = source.line(position.line);
  const above = position.line > 1 ? source.line(position.line - 1) : '';
  const add = (at: number, text: string): readonly CodeAction[] => [
    { title: `Allow ${code} here`, isPreferred: false, diagnostic, edits: [{ file, start: at, end: at, text }] },
  ];
  if (ALLOW.test(line)) return add(lineStart + line.trimEnd().length, `, ${code}`);
  if (/^\s*#/.test(above) && ALLOW.test(above)) {
    return add(source.lineStart(position.line - 1) + above.trimEnd().length, `, ${code}`);
  }
  return add(lineStart, `${/^\s*/.exec(line)?.[0] ?? ''}# ballast: allow ${code}\n`);
}
