/** A label of a guest, which policies ask for with `tagged`. */
export const LABEL = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/;

/** What {@link LABEL} is, in words. */
export const LABEL_FORM = 'a letter or digit, then up to 63 letters, digits, _ . : or -';

/** Labels as the guest property `labels` has them: sorted, each once, with a space between them; empty when there is none. */
export function labelText(labels: Iterable<string>): string {
  return [...new Set(labels)].sort().join(' ');
}

/** {@link labelText} taken apart. */
export function labelsIn(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ');
}

/** A guest's property `labels`, of its name and the labels that it has of its own (both as {@link labelText}). */
export type Labeller = (guestName: string, own: string) => string;
