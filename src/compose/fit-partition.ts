import { partitionHost, readPartition } from '../export/read-partition.ts';
import { ParquetError } from '../export/read-parquet.ts';
import { NoDemandError, type Fitted } from '../simulation/import/fitted.ts';
import { RecordingFit } from '../simulation/import/recording/fit.ts';
import type { FitOptions, SourceRange } from './fit-files.ts';

/**
 * A scenario from a partition of the tables of `ballast export`: one host, and one day or several.
 * @param files in the order of time @throws NoDemandError
 */
export async function fitPartition(files: readonly string[], { range = null }: FitOptions): Promise<Fitted> {
  const fit = new RecordingFit(files[0]!);
  try {
    const { fromMs, toMs } = range === null ? ALL : await storedRange(files, range);
    for (const file of files) {
      const { header, intervals } = await readPartition(file);
      fit.begin(header);
      for await (const interval of intervals) {
        const { timeMs } = interval.snapshot;
        if (timeMs >= fromMs && timeMs <= toMs) fit.add(interval);
      }
    }
    return fit.result(partitionHost(files[0]!));
  } catch (error) {
    if (!(error instanceof ParquetError)) throw error;
    throw new NoDemandError(error.message, { cause: error });
  }
}

const ALL: SourceRange = { fromMs: -Infinity, toMs: Infinity };

async function storedRange(files: readonly string[], range: FitOptions['range'] & {}): Promise<SourceRange> {
  let [firstMs, lastMs] = [Infinity, -Infinity];
  for (const file of files) {
    for await (const { snapshot } of (await readPartition(file)).intervals) {
      firstMs = Math.min(firstMs, snapshot.timeMs);
      lastMs = Math.max(lastMs, snapshot.timeMs);
    }
  }
  return firstMs === Infinity ? ALL : range(firstMs, lastMs);
}
