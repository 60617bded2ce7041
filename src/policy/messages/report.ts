import type { Span } from '../text/source.ts';
import type { Fault } from './fault.ts';

/** Takes what is found. Faults are made only when they are shown. */
export type Report = (severity: 'error' | 'warning', span: Span, make: () => Fault) => void;
