/**
 * Control characters (C0, DEL, C1), format characters (bidi overrides, zero-width ones, the byte order mark), lone
 * surrogates and the Unicode line and paragraph separators: everything that can end a line, move the cursor or
 * make text look like other text.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const UNSAFE_OR_AMBIGUOUS = /[\\\s\p{Z}\p{Cc}\p{Cf}\p{Cs}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Text that cannot leave its line or reorder it on a terminal. Backslashes stay, so this keeps a line safe but
 * cannot be undone; {@link escapeWord} can.
 */
export function escapeControls(text: string): string {
  return text.replace(UNSAFE, (character) => SHORT[character] ?? escapeCharacter(character));
}

/** Text as one word: as {@link escapeControls}, and white space and backslashes are escaped too, so that no two texts give the same word. */
export function escapeWord(text: string): string {
  return text.replace(UNSAFE_OR_AMBIGUOUS, (character) => (character === '\\' ? '\\\\' : escapeCharacter(character)));
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\u{${code.toString(16)}}`;
}
