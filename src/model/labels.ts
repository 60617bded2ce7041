/** A guest label, which policies test with `tagged`. */
export const LABEL = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/;

/** Describes {@link LABEL} for messages. */
export const LABEL_FORM = 'a letter or digit, then up to 63 letters, digits, _ . : or -';

/** The format of the guest property `labels`: sorted, without duplicates, separated by spaces. */
export function labelText(labels: Iterable<string>): string {
  return [...new Set(labels)].sort().join(' ');
}

/** Splits a {@link labelText}. */
export function labelsIn(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ');
}

/** Returns a guest's property `labels` from its name and the labels in its metadata (both as {@link labelText}). */
export type Labeller = (guestName: string, own: string) => string;
