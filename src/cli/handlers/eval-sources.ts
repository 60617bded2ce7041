import {
  evaluate,
  loadPolicy,
  renderDiagnostics,
  type Diagnostic,
  valueText,
  type PolicySource,
} from '../../policy/index.ts';
import type { Io } from '../support/io.ts';
import type { World } from './eval-world.ts';

export interface Evaluated {
  readonly text: string;
  readonly ok: boolean;
  readonly results: number;
}

/** Evaluates sources as one program and returns its results without the first `skip`. Errors and `debug` output go to standard error. */
export async function evaluateSources(
  sources: readonly PolicySource[],
  skip: number,
  world: World,
  io: Io,
): Promise<Evaluated> {
  const all = [...world.before, ...sources];
  const newest = sources.at(-1);
  const color = io.stderr.isTTY === true;
  const { program, diagnostics } = loadPolicy(all, world.load);
  if (!program) {
    // The warnings were not asked for.
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    io.stderr.write(renderDiagnostics(errors.map(withHint), all, { color }));
    return { text: '', ok: false, results: 0 };
  }
  const { input, memory, params } = await world.momentFor(program);
  const evaluation = evaluate(program, input, memory, {
    collectResults: true,
    clock: () => performance.now(),
    ...(params && { params: params.resolve(input.guests) }),
    debug: (text, { file }) => {
      if (file === newest?.file) io.stderr.write(`${text}\n`);
    },
  });
  const own = evaluation.diagnostics.filter((each) => !world.isKnown(each));
  io.stderr.write(renderDiagnostics(own.map(withHint), all, { color }));
  const { withoutVariables } = world;
  if (withoutVariables !== null && newest?.text.includes('GetVar') === true) io.stderr.write(`${withoutVariables}\n`);
  return {
    text: evaluation.results
      .slice(world.results + skip)
      .map((value) => `${valueText(value)}\n`)
      .join(''),
    ok: own.length === 0,
    results: evaluation.results.length - world.results,
  };

  function withHint(diagnostic: Diagnostic): Diagnostic {
    const { code, message } = diagnostic;
    if (code === 'unknown-field') return { ...diagnostic, hint: world.unknownFieldHint };
    const isGuest = code === 'unknown-name' && /"vm[".]/.test(message);
    return isGuest ? { ...diagnostic, hint: world.unboundGuestHint } : diagnostic;
  }
}
