import { loadSource } from '../../compose/scenario-source.ts';
import { unwritable } from '../../model/file-errors.ts';
import { scenarioText } from '../../simulation/scenario/write.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { EXIT } from '../support/exit-codes.ts';
import { warnOfInferred } from '../support/inferred.ts';
import type { Io } from '../support/io.ts';
import { endOfMoment, readMoment } from '../support/moment.ts';
import { count, seconds } from '../support/units.ts';
import { writeOutput } from '../support/write-output.ts';

export interface WriteScenarioOptions {
  readonly sources: readonly string[];
  /** null: standard output. */
  readonly output: string | null;
  /** Of the host, KiB; null: as the source has it. */
  readonly memoryKib: number | null;
  /** Of a guest of which only a share is known, KiB; null: the default. */
  readonly guestMemoryKib: number | null;
  readonly more: number;
  readonly from: string | null;
  readonly to: string | null;
  readonly bursts: boolean;
}

/**
 * `ballast scenario`: writes a scenario made of a recording or a trace.
 * @throws OperatorError
 */
export async function writeScenario(options: WriteScenarioOptions, io: Io): Promise<number> {
  const { sources, output, memoryKib, guestMemoryKib, more, bursts } = options;
  const source = await loadSource(sources, {
    ...{ more, bursts, memoryKib, range: rangeOf(options), warn: (text) => io.stderr.write(`warning: ${text}\n`) },
    ...(guestMemoryKib !== null && { guestMemoryKib }),
  });
  warnOfInferred([source], io);
  const text = scenarioText(source.scenario, source.inferred);
  if (output === null) {
    io.stdout.write(text);
    return EXIT.ok;
  }
  try {
    await writeOutput(output, text);
  } catch (error) {
    const why = unwritable(error);
    if (why === null) throw error;
    throw new OperatorError(`${output} cannot be written: ${why}`, { cause: error });
  }
  const { guests, durationS } = source.scenario;
  io.stdout.write(`${output}: ${count(guests.length, 'guest')}, ${seconds(durationS)}\n`);
  return EXIT.ok;
}

/** The part of a source that a command line means; null: all of it. */
export function rangeOf({ from, to }: { readonly from: string | null; readonly to: string | null }) {
  if (from === null && to === null) return null;
  return (firstMs: number, lastMs: number) => ({
    fromMs: from === null ? -Infinity : readMoment(from, firstMs, lastMs),
    toMs: to === null ? Infinity : endOfMoment(to, firstMs, lastMs, 0),
  });
}
