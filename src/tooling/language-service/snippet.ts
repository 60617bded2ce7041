/**
 * The inside of the brackets of a signature as a snippet: words in capitals become numbered holes, in the order in which
 * they stand. `(def NAME (PARAMETER …) BODY)` is `def ${1:NAME} (${2:PARAMETER}) ${3:BODY}`. Of several signatures the first counts;
 * what may be left out (keywords and their values) is left out.
 */
export function snippetOf(signature: string): string {
  let holes = 0;
  const hole = (word: string): string => `\${${(holes += 1)}:${word}}`;
  return firstOf(signature)
    .replace(/ :[a-z]+ [A-Z]+/g, '')
    .replace(/ …/g, '')
    .replace(/"[^"]*"|(?<![A-Za-z])[A-Z]+(?![A-Za-z.])/g, (word) =>
      word.startsWith('"') ? `"${hole(word.slice(1, -1))}"` : hole(word),
    );
}

/** Without its brackets. */
function firstOf(signature: string): string {
  let depth = 0;
  for (let at = 0; at < signature.length; at += 1) {
    const character = signature.charAt(at);
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (depth === 0) return signature.slice(1, at);
  }
  return signature;
}
