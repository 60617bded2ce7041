import { createHash } from 'node:crypto';
import type { Comparison } from '../../comparison/comparison.ts';
import type { GateResult } from '../../comparison/gates.ts';
import { unwritable } from '../../model/file-errors.ts';
import { comparisonPage } from '../../report/comparison/page.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { VERSION } from '../version.ts';
import { writeOutput } from './write-output.ts';

/** Writes a page, or another output. @throws OperatorError when it cannot be written */
export async function writeTo(path: string, text: string): Promise<void> {
  try {
    await writeOutput(path, text);
  } catch (error) {
    const why = unwritable(error);
    if (why === null) throw error;
    throw new OperatorError(`${path} cannot be written: ${why}`, { cause: error });
  }
}

/** @param warning what hindered the comparison; null: nothing @throws OperatorError */
export async function writeComparisonPage(
  path: string,
  comparison: Comparison,
  { gates, warning }: { readonly gates: readonly GateResult[]; readonly warning: string | null },
): Promise<void> {
  const warnings = warning === null ? [] : [warning];
  await writeTo(path, comparisonPage(comparison, { gates, warnings, version: VERSION, sha256 }));
}

/** In base64, for the Content Security Policy of a page. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
