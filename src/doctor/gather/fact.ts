import { HostFormatError } from '../../host/format-error.ts';
import { escapeControls, excerpt } from '../../model/text.ts';
import { HostFileError } from '../../ports/host.ts';
import { HypervisorError } from '../../ports/hypervisor.ts';
import { waitAtMost } from '../../support/deadline.ts';
import { known, unknown, type Fact } from '../facts.ts';

/** How long one fact may take, milliseconds: a file system that hangs must not stop the others. */
export const FACT_MS = 5000;

/** Characters of a foreign message. */
const MAX_WHY = 300;

/** Waits for a fact. Expected failures and silence become an unknown fact; other errors are bugs. */
export async function fact<T>(work: Promise<T>, ms = FACT_MS): Promise<Fact<T>> {
  try {
    const waited = await waitAtMost(work, { ms });
    return waited.ended ? known(waited.value) : unknown(`no answer within ${ms / 1000} s`);
  } catch (error) {
    const isExpected =
      error instanceof HostFileError || error instanceof HostFormatError || error instanceof HypervisorError;
    if (!isExpected) throw error;
    return unknown(escapeControls(excerpt(error.message, MAX_WHY)));
  }
}
