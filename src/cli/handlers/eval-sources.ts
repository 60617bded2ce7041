import { layoutOf } from '../../model/field.ts';
import { EMPTY_MEMORY } from '../../model/memory.ts';
import type { PolicyInput } from '../../model/snapshot.ts';
import {
  evaluate,
  loadPolicy,
  renderDiagnostics,
  type Diagnostic,
  valueText,
  type PolicySource,
} from '../../policy/index.ts';
import type { Io } from '../support/io.ts';

const NO_FIELDS = layoutOf([]);
const EMPTY_INPUT: PolicyInput = {
  timeMs: 0,
  hostLayout: NO_FIELDS,
  guestLayout: NO_FIELDS,
  host: { props: {}, samples: [], times: [] },
  guests: [],
};

/** Evaluates sources as one program and returns its results without the first `skip`. Errors and `debug` output go to standard error. */
export function evaluateSources(
  sources: readonly PolicySource[],
  skip: number,
  io: Io,
): { readonly text: string; readonly ok: boolean; readonly results: number } {
  const newestFile = sources.at(-1)?.file;
  const color = io.stderr.isTTY === true;
  const { program, diagnostics } = loadPolicy(sources);
  if (!program) {
    io.stderr.write(renderDiagnostics(diagnostics, sources, { color }));
    return { text: '', ok: false, results: 0 };
  }
  const evaluation = evaluate(program, EMPTY_INPUT, EMPTY_MEMORY, {
    collectResults: true,
    clock: () => performance.now(),
    debug: (text, { file }) => {
      if (file === newestFile) io.stderr.write(`${text}\n`);
    },
  });
  io.stderr.write(renderDiagnostics(evaluation.diagnostics.map(withoutFields), sources, { color }));
  return {
    text: evaluation.results
      .slice(skip)
      .map((value) => `${valueText(value)}\n`)
      .join(''),
    ok: evaluation.diagnostics.length === 0,
    results: evaluation.results.length,
  };
}

/** Replaces the hint for an unknown field: `eval` has no host fields and no guests. */
function withoutFields(diagnostic: Diagnostic): Diagnostic {
  if (diagnostic.code !== 'unknown-field') return diagnostic;
  return {
    ...diagnostic,
    hint: 'eval has no host or guests; use ballast replay or ballast test to evaluate with statistics',
  };
}
