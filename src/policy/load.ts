import type { Vocabulary } from '../model/vocabulary.ts';
import { check } from './check.ts';
import { compile } from './compile.ts';
import type { Diagnostic } from './diagnostics.ts';
import { expand } from './expand.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { gatherNames } from './names.ts';
import { parse } from './parser.ts';
import { Program } from './program.ts';
import { SourceText, type PolicySource } from './source.ts';

export interface LoadOptions {
  /** The names that exist. Absent: names, forms and the number of arguments are looked at when they are evaluated, as MOM does. */
  readonly vocabulary?: Vocabulary;
  readonly limits?: Partial<Limits>;
}

const SPELLING: ReadonlySet<Diagnostic['code']> = new Set(['unknown-field', 'unknown-control', 'unknown-prop']);

/** Reads, checks and compiles files into one program. It is null when any diagnostic is an error. */
export function loadPolicy(
  sources: readonly PolicySource[],
  options: LoadOptions = {},
): { readonly program: Program | null; readonly diagnostics: readonly Diagnostic[] } {
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
  const files = sources.map((source) => new SourceText(source));
  const parsed = files.map((file) => parse(file, limits));
  const diagnostics = parsed.flatMap((result) => result.diagnostics);
  const expressions = parsed.map(({ file }) => file.expressions.map(expand));
  const names = gatherNames(expressions.flat());
  const found = options.vocabulary ? check(expressions.flat(), names, options.vocabulary, limits) : [];
  if (diagnostics.length > 0) {
    // With brackets missing, most of what the checker says is wrong; a misspelt field is one anyway.
    diagnostics.push(...found.filter(({ code }) => SPELLING.has(code)));
    return { program: null, diagnostics };
  }
  diagnostics.push(...found);
  if (diagnostics.some(({ severity }) => severity === 'error')) return { program: null, diagnostics };
  return { program: new Program(files, limits, (scopes) => compile(expressions, names, scopes)), diagnostics };
}

/** Whether a text only lacks its end: a prompt then asks for another line. */
export function isIncomplete(text: string): boolean {
  const { diagnostics } = parse(new SourceText({ file: '', text }), DEFAULT_LIMITS);
  return diagnostics.length > 0 && diagnostics.every(({ code }) => code === 'unclosed-bracket' || code === 'unclosed-text');
}
