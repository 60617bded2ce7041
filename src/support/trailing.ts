/**
 * The longest end of a text that has only such characters. A regular expression that ends with `$` would begin anew at each of them, which takes
 * the square of their number.
 * @param character matches one character
 */
export function trailing(text: string, character: RegExp): string {
  let from = text.length;
  while (from > 0 && character.test(text.charAt(from - 1))) from -= 1;
  return text.slice(from);
}
