import { escapeControls } from '../../model/text.ts';
import type { LoadedSource } from '../../compose/scenario-source.ts';
import type { Io } from './io.ts';

/** Says what scenarios have that is not in the data they are made of. */
export function warnOfInferred(
  sources: readonly Pick<LoadedSource, 'scenario' | 'inferred'>[],
  io: Pick<Io, 'stderr'>,
): void {
  for (const { scenario, inferred } of sources) {
    if (inferred.length === 0) continue;
    const lines = inferred.map((line) => `  - ${escapeControls(line)}\n`).join('');
    io.stderr.write(
      `warning: ${escapeControls(scenario.name)}: this is not in the data, but inferred or assumed:\n${lines}`,
    );
  }
}
