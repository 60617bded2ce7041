import type { Vocabulary } from '../model/vocabulary.ts';
import { checkHiddenForms } from './check/hidden-forms.ts';
import { check } from './check/check.ts';
import { compile } from './compile/compile.ts';
import type { Diagnostic } from './messages/diagnostics.ts';
import { Expander } from './forms/expand.ts';
import { claimedNames } from './forms/claimed-names.ts';
import type { Expression } from './forms/forms.ts';
import { everythingIn } from './forms/parts.ts';
import { historyNeed } from './forms/history-need.ts';
import { statisticsNeed } from './forms/statistics-need.ts';
import { gatherKinds } from './forms/kinds.ts';
import { DEFAULT_LIMITS, type Limits } from './limits/limits.ts';
import { adaptLiterals, hasUnits } from './check/literal-units.ts';
import { gatherNames } from './forms/names.ts';
import { declaredParams } from './params/declared.ts';
import { parse } from './parser/parser.ts';
import { Program } from './run/program.ts';
import { inReadingOrder, SourceText, type PolicySource, type Start } from './text/source.ts';
import { TypesAt } from './check/types-at.ts';

export interface LoadOptions {
  /** The existing names. Absent: names, forms and the number of arguments are checked at evaluation, as in MOM. */
  readonly vocabulary?: Vocabulary;
  readonly limits?: Partial<Limits>;
}

const SPELLING: ReadonlySet<Diagnostic['code']> = new Set(['unknown-field', 'unknown-control', 'unknown-prop']);

export interface Loaded {
  /** null if any diagnostic is an error. */
  readonly program: Program | null;
  readonly diagnostics: readonly Diagnostic[];
  /** null without a vocabulary. */
  readonly types: TypesAt | null;
}

/** Parses, checks and compiles files into one program. */
export function loadPolicy(sources: readonly PolicySource[], options: LoadOptions = {}): Loaded {
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
  const files = sources.map((source) => new SourceText(source));
  const parsed = files.map((file) => parse(file, limits));
  const diagnostics = parsed.flatMap((result) => result.diagnostics);
  const suspects = parsed.flatMap(({ suspect }) => (suspect ? [suspect] : []));
  const expander = new Expander(claimedNames(parsed.flatMap(({ file }) => file.expressions)));
  const { expressions, all, names } = analyse(
    parsed.map(({ file }) => file.expressions.map((node) => expander.topLevel(node))),
    expander,
    options.vocabulary,
  );
  const checked = parsed.map(({ file }, at) => ({
    source: files[at] as SourceText,
    expressions: expressions[at] as readonly Expression[],
    comments: file.comments,
  }));
  const result = options.vocabulary && check(checked, all, names, options.vocabulary, limits);
  const found = result?.diagnostics ?? [];
  const types = result ? new TypesAt(checked, result.types) : null;
  if (diagnostics.length > 0) {
    // With unbalanced brackets most checker results are wrong; a misspelt field is still valid.
    const torn = [...suspects, ...diagnostics.filter(({ code }) => code === 'unclosed-text')];
    diagnostics.push(...found.filter((each) => SPELLING.has(each.code) && !isAfter(each, torn)));
    return { program: null, diagnostics: withSuspects(diagnostics, suspects), types };
  }
  const topLevel = expressions.flat();
  const declared = declaredParams(topLevel, names);
  diagnostics.push(
    ...inReadingOrder([...found, ...declared.diagnostics, ...checkHiddenForms(topLevel, names)], sources, placeOf),
  );
  if (diagnostics.some(({ severity }) => severity === 'error'))
    return { program: null, diagnostics: withSuspects(diagnostics, suspects), types };
  const need = {
    history: historyNeed(all, ({ span }) => span.source.positionAt(span.start)),
    statistics: statisticsNeed(all),
  };
  return {
    program: new Program(files, limits, declared, expressions, names, need, (scopes, trace) =>
      compile(expressions, names, scopes, trace),
    ),
    diagnostics,
    types,
  };
}

/** The names of a program and its expressions (also as {@link everythingIn}), with literals converted to the units of the fields beside them. */
function analyse(files: readonly (readonly Expression[])[], expander: Expander, vocabulary: Vocabulary | undefined) {
  const all = everythingIn(files.flat());
  const names = gatherNames(all, expander);
  if (!vocabulary || !hasUnits(all)) return { expressions: files, all, names };
  const kinds = gatherKinds(all, names);
  const expressions = files.map((file) => adaptLiterals(file, kinds, vocabulary));
  const adapted = everythingIn(expressions.flat());
  return { expressions, all: adapted, names: gatherNames(adapted, expander) };
}

/** Other mistakes of a file are consequences of a text that lacks a quote before them. */
function withSuspects(diagnostics: readonly Diagnostic[], suspects: readonly Diagnostic[]): readonly Diagnostic[] {
  const torn = suspects.filter((suspect) =>
    diagnostics.some((each) => each.severity === 'error' && isAfter(each, [suspect])),
  );
  return torn.length === 0 ? diagnostics : [...diagnostics.filter((each) => !isAfter(each, torn)), ...torn];
}

function isAfter({ position, span }: Diagnostic, torn: readonly Diagnostic[]): boolean {
  return torn.some(
    (each) => span && each.span && each.position?.file === position?.file && span.start >= each.span.start,
  );
}

/** The note about omitted diagnostics comes last. */
function placeOf({ code, position, span }: Diagnostic): Start | null {
  return code === 'more-errors' || !position || !span ? null : { file: position.file, start: span.start };
}

/** Whether a text is incomplete, so that a prompt reads another line. */
export function isIncomplete(text: string): boolean {
  const { diagnostics } = parse(new SourceText({ file: '', text }), DEFAULT_LIMITS);
  return (
    diagnostics.length > 0 && diagnostics.every(({ code }) => code === 'unclosed-bracket' || code === 'unclosed-text')
  );
}
