// Cells of a terminal. Names of guests can have characters that take two, or none.

const PLAIN = /^[\x20-\x7e]*$/;
const NONE = /\p{M}/u;
const TWO =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
/** More marks on one character are dropped: a few hundred would cover the lines above. */
const MOST_MARKS = 2;

/** Cuts or pads to exactly this many cells; what was cut ends with `~`. */
export function fit(text: string, cells: number, align: 'left' | 'right' = 'left'): string {
  if (cells <= 0) return '';
  const { kept, used } = cut(text, cells);
  const space = ' '.repeat(Math.max(0, cells - used));
  return align === 'left' ? kept + space : space + kept;
}

/** The cells that a text takes. */
export function width(text: string): number {
  return PLAIN.test(text) ? text.length : cut(text, Infinity).used;
}

function cut(text: string, cells: number): { readonly kept: string; readonly used: number } {
  if (PLAIN.test(text)) {
    if (text.length <= cells) return { kept: text, used: text.length };
    return { kept: `${text.slice(0, cells - 1)}~`, used: cells };
  }
  let [kept, used, marks] = ['', 0, 0];
  // Where the text ends if it has to be cut.
  let [before, usedBefore] = ['', 0];
  for (const character of text) {
    const takes = cellsOf(character);
    marks = takes === 0 ? marks + 1 : 0;
    if (marks > MOST_MARKS) continue;
    if (used + takes > cells) return { kept: `${before}~`, used: usedBefore + 1 };
    kept += character;
    used += takes;
    if (used < cells) [before, usedBefore] = [kept, used];
  }
  return { kept, used };
}

function cellsOf(character: string): number {
  if (NONE.test(character)) return 0;
  return TWO.test(character) ? 2 : 1;
}
