import type { Vocabulary } from '../model/vocabulary.ts';
import type { Diagnostic } from './diagnostics.ts';
import type { Expression } from './forms.ts';
import type { Limits } from './limits.ts';
import type { Names } from './names.ts';
export function check(_e: readonly Expression[], _n: Names, _v: Vocabulary, _l: Limits): Diagnostic[] { return []; }
