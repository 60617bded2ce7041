import type { Vocabulary } from '../../model/vocabulary.ts';
import { allowed, type Finding } from './allow.ts';
import type { Comment } from '../text/ast.ts';
import { findEarlyUses } from './definition-order.ts';
import { findTraps } from './traps.ts';
import { findNameClashes } from './name-clashes.ts';
import { findSharedNames } from './shared-names.ts';
import { catalogue } from '../messages/catalogue.ts';
import { diagnostic, type Diagnostic } from '../messages/diagnostics.ts';
import type { Expression } from '../forms/forms.ts';
import { gatherKinds } from '../forms/kinds.ts';
import type { Limits } from '../limits/limits.ts';
import type { Names } from '../forms/names.ts';
import { inReadingOrder, type SourceText } from '../text/source.ts';
import { inferTypes, type TypeTable } from '../types/infer.ts';
import type { Report } from '../messages/report.ts';
import { findUnused } from '../types/unused.ts';
import { Checker } from './checker.ts';
import { DeclaredNames } from './declared-names.ts';
import { meantNames } from './meant-names.ts';

/**
 * Finds definite errors in a program before it runs (malformed forms, unknown names, fields, controls,
 * properties and functions, wrong numbers of arguments, values of a wrong kind) and probable mistakes (warnings). Scopes
 * are dynamic, so a name is known if anything in any file may bind it; a policy that could run is never rejected.
 */
export function check(
  files: readonly CheckedFile[],
  all: readonly Expression[],
  names: Names,
  vocabulary: Vocabulary,
  limits: Limits,
): Checked {
  const expressions = files.flatMap((file) => file.expressions);
  const findings: Finding[] = [];
  const report: Report = (severity, span, make) => findings.push({ severity, span, make });
  const checker = new Checker(
    names,
    meantNames(all, names),
    new DeclaredNames(vocabulary, all),
    gatherKinds(all, names),
    report,
  );
  for (const expression of all) checker.visit(expression);
  const types = inferTypes(
    files.map((file) => file.expressions),
    names,
    vocabulary,
    report,
  );
  findEarlyUses(expressions, all, names, report);
  findUnused(expressions, all, names, report);
  findSharedNames(expressions, all, names, report);
  findTraps(expressions, all, names, report);
  findNameClashes(
    files.map((file) => file.expressions),
    all,
    names,
    report,
  );
  const comments = files.flatMap((file) => file.comments);
  return {
    diagnostics: shown(
      inReadingOrder(
        allowed(findings, comments),
        files.map(({ source }) => source),
        ({ span }) => ({ file: span.source.file, start: span.start }),
      ),
      limits,
    ),
    types,
  };
}

export interface CheckedFile {
  readonly source: SourceText;
  readonly expressions: readonly Expression[];
  readonly comments: readonly Comment[];
}

export interface Checked {
  readonly diagnostics: readonly Diagnostic[];
  readonly types: TypeTable;
}

/** Creating a fault may search all names, so only the shown ones are created. Warnings never displace errors. */
function shown(findings: readonly Finding[], limits: Limits): Diagnostic[] {
  const errors = findings.filter(({ severity }) => severity === 'error').slice(0, limits.diagnostics);
  const warnings = findings
    .filter(({ severity }) => severity === 'warning')
    .slice(0, limits.diagnostics - errors.length);
  const chosen = new Set([...errors, ...warnings]);
  const left = findings.filter((finding) => !chosen.has(finding));
  const diagnostics = withoutRepeats(
    findings
      .filter((finding) => chosen.has(finding))
      .map(({ severity, span, make }) => diagnostic('check', span, make(), { severity })),
  );
  const [first] = left;
  if (!first) return diagnostics;
  const severity = left.some((finding) => finding.severity === 'error') ? 'error' : 'warning';
  return [...diagnostics, diagnostic('check', first.span, catalogue.moreErrors(left.length), { severity })];
}

/** Unknown names: one message tells what to do about all uses, unless each has a correction of its own. */
const ONCE: ReadonlySet<Diagnostic['code']> = new Set([
  'only-in-mom',
  'unknown-control',
  'unknown-field',
  'unknown-function',
  'unknown-method',
  'unknown-name',
]);

const placeKey = ({ file, line, column }: { file: string; line: number; column: number }): string =>
  `${file}:${line}:${column}`;

/** Drops consequences: further uses of an unknown name, what is unused because of errors, and what else is wrong in a file for another program. */
function withoutRepeats(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const foreign = new Set(
    diagnostics.flatMap(({ code, position, replacement }) =>
      code === 'only-in-mom' && position && !replacement ? [position.file] : [],
    ),
  );
  const hasUnknown = diagnostics.some(({ code }) => code === 'unknown-name' || code === 'unknown-function');
  const wrong = new Set(
    diagnostics.flatMap(({ severity, position }) => (severity === 'error' && position ? [placeKey(position)] : [])),
  );
  const told = new Set<string>();
  return diagnostics.filter(({ code, message, severity, position, replacement }) => {
    const file = position?.file ?? '';
    // A misspelt use makes its definition seem unused.
    if (hasUnknown && (code === 'unused-name' || code === 'unused-function')) return false;
    if (code === 'mixed-type' && position && wrong.has(placeKey(position))) return false;
    if (severity === 'warning') return !foreign.has(file);
    if (replacement || !ONCE.has(code)) return true;
    const key = code === 'only-in-mom' ? file : message;
    const isNew = !told.has(key);
    told.add(key);
    return isNew;
  });
}
