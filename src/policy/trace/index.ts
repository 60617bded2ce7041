export { annotate } from './annotate.ts';
export { Coverage, type CoverageReport, type FileCoverage, type Missed } from './coverage.ts';
export type { Frame, Trace, TracedFailure } from './frame.ts';
export { NONE, TraceTable } from './table.ts';
export { Tracer } from './tracer.ts';
