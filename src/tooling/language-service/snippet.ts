/**
 * Converts a signature to a snippet without the outer brackets: words in capitals become placeholders, numbered in order.
 * `(def NAME (PARAMETER …) BODY)` becomes `def ${1:NAME} (${2:PARAMETER}) ${3:BODY}`. Uses only the first of several signatures;
 * optional parts (keywords and their values) are omitted.
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

/** The first signature, without its brackets. */
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
