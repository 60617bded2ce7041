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

/** Reads, checks and compiles files into one program. It is null when any diagnostic is an error. */
export function loadPolicy(
  sources: readonly PolicySource[],
  options: LoadOptions = {},
): { readonly program: Program | null; readonly diagnostics: readonly Diagnostic[] } {
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
  const files = sources.map((source) => new SourceText(source));
  const parsed = files.map((file) => parse(file, limits));
  const diagnostics = parsed.flatMap((result) => result.diagnostics);
  // What the checker would say of a text with missing brackets is mostly wrong.
  if (diagnostics.length > 0) return { program: null, diagnostics };
  const expressions = parsed.map(({ file }) => file.expressions.map(expand));
  const names = gatherNames(expressions.flat());
  if (options.vocabulary) diagnostics.push(...check(expressions.flat(), names, options.vocabulary, limits));
  if (diagnostics.some(({ severity }) => severity === 'error')) return { program: null, diagnostics };
  return { program: new Program(files, limits, (scopes) => compile(expressions, names, scopes)), diagnostics };
}
