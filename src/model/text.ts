/**
 * Control characters (C0, DEL, C1), format characters (bidi overrides, zero-width ones, the byte order mark), lone
 * surrogates and the Unicode line and paragraph separators: they can end a line, move the cursor or disguise text.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const UNSAFE_OR_AMBIGUOUS = /[\\\s\p{Z}\p{Cc}\p{Cf}\p{Cs}]/gu;

/** Characters of a foreign text in a message. */
const EXCERPT = 64;

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

/** {@link UNSAFE} but for line feeds, which JSON contains only between values. */
const UNSAFE_IN_JSON = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The same JSON, with all characters escaped that could reorder or disguise it on a terminal. */
export function escapeJson(json: string): string {
  return json.replace(UNSAFE_IN_JSON, (character) =>
    Array.from({ length: character.length }, (_unit, at) => `\\u${hex(character.charCodeAt(at))}`).join(''),
  );
}

function hex(unit: number): string {
  return unit.toString(16).padStart(4, '0');
}

/** The beginning of a foreign text, for a message: as a whole it may have megabytes. */
export function excerpt(text: string, length = EXCERPT): string {
  if (text.length <= length) return text;
  // Not half of a surrogate pair.
  const end = text.codePointAt(length - 1)! > 0xffff ? length - 1 : length;
  return `${text.slice(0, end)}…`;
}

/** {@link excerpt} in quotes. */
export function quotedForeign(text: string): string {
  return JSON.stringify(excerpt(text));
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\u{${code.toString(16)}}`;
}

/** Replaces numbers and their units by `#`: "119 s old" and "2 min old" are the same condition. */
export function withoutNumbers(text: string): string {
  return text.replace(/\d+(?:\.\d+)?(?: (?:KiB|MiB|GiB|s|min|h)\b)?/g, '#');
}
