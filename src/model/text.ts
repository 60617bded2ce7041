/**
 * Control characters (C0, DEL, C1), format characters (bidi overrides, zero-width ones, the byte order mark), lone
 * surrogates and the Unicode line and paragraph separators: they can end a line, move the cursor or disguise text.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const UNSAFE_OR_AMBIGUOUS = /[\\\s\p{Z}\p{Cc}\p{Cf}\p{Cs}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Escapes characters that could break or reorder a line on a terminal. Backslashes are not escaped, so the result is
 * ambiguous; that of {@link escapeWord} is not.
 */
export function escapeControls(text: string): string {
  return text.replace(UNSAFE, (character) => SHORT[character] ?? escapeCharacter(character));
}

/** Like {@link escapeControls}, but also escapes white space and backslashes: one word, unique to the text. */
export function escapeWord(text: string): string {
  return text.replace(UNSAFE_OR_AMBIGUOUS, (character) => (character === '\\' ? '\\\\' : escapeCharacter(character)));
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\u{${code.toString(16)}}`;
}
