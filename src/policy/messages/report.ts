import type { Span } from '../text/source.ts';
import type { Fault } from './fault.ts';

/** Receives findings. `make` is called only when the finding is shown. */
export type Report = (severity: 'error' | 'warning', span: Span, make: () => Fault) => void;
