import type { Host } from '../ports/host.ts';
import { counterNumber, HostFormatError, signedNumber } from './format-error.ts';

export const KSM_DIRECTORY = '/sys/kernel/mm/ksm';

export function ksmPath(file: string): string {
  return `${KSM_DIRECTORY}/${file}`;
}

/** The only file of the directory whose value is not a number. */
const CHOICE_FILE = 'advisor_mode';

/** The one file whose number may be negative. */
const SIGNED_FILE = 'general_profit';

/**
 * The value of a KSM file; null when this kernel lacks it. Of a list of choices, `none [scan-time]`, the selected one.
 * @throws HostFileError, HostFormatError
 */
export async function readKsm(host: Host, file: string): Promise<number | string | null> {
  const path = ksmPath(file);
  const text = await host.readText(path);
  if (text === null) return null;
  if (file === SIGNED_FILE) return signedNumber(text.trim(), path, 1);
  if (file !== CHOICE_FILE) return counterNumber(text.trim(), path, 1);
  const chosen = /\[([^[\]]+)\]/.exec(text)?.[1];
  if (chosen === undefined)
    throw new HostFormatError(path, 1, 'a choice in brackets, as in none [scan-time]', text.trim());
  return chosen;
}
