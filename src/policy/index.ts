export { isIncomplete, loadPolicy, type LoadOptions } from './load.ts';
export { evaluate, type EvaluateOptions, type Evaluation } from './evaluate.ts';
export { policyError, renderDiagnostics, type Diagnostic } from './diagnostics.ts';
export { DEFAULT_LIMITS, type Limits } from './limits.ts';
export type { PolicySource } from './source.ts';
export type { Program } from './program.ts';
export { describe, isList, Callable, type Value } from './values.ts';
export { Entity } from './entity.ts';
