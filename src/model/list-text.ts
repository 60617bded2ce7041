/**
 * The list in the text of a field, which a recording may have.
 * @param most more elements are refused: the text is foreign
 * @returns null: it holds none
 */
export function listInText(text: unknown, most: number): readonly unknown[] | null {
  if (typeof text !== 'string') return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return Array.isArray(value) && value.length <= most ? value : null;
}
