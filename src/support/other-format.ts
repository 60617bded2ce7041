/** A kind of file that is often given in place of another. */
export type OtherFormat = 'INI' | 'JSON' | 'policy' | 'Python' | 'settings' | 'XML' | 'YAML';

/** By the first line that is neither empty nor a comment. */
const SIGNS: readonly (readonly [OtherFormat, RegExp])[] = [
  ['YAML', /^(?:---|[A-Za-z_][A-Za-z0-9_-]*:)(?:\s|$)/],
  ['settings', /^(?:export\s+)?[A-Za-z_][A-Za-z0-9_]*=/],
  ['INI', /^\[[A-Za-z][\w .-]*\]$/],
  ['XML', /^<[?!A-Za-z]/],
  ['JSON', /^\{\s*(?:"[^"]*"\s*:.*)?$/],
  [
    'Python',
    /^(?:(?:def|class)\s+\w+.*:$|import\s+\w|from\s+\w+\s+import\b|(?:for|if|while)\s[^(].*:$|[A-Za-z_][\w.]*\s+=\s)/,
  ],
  ['policy', /^\(/],
];

export interface FoundFormat {
  readonly format: OtherFormat;
  /** Where the line that shows it begins. */
  readonly offset: number;
  /** That line. */
  readonly text: string;
}

/** A file of another format shows itself in its first lines. */
const EXAMINED = 65_536;

const LONGEST_LINE = 200;

/** What a text seems to be; null if its first line shows nothing. */
export function otherFormat(text: string): FoundFormat | null {
  const start = text.startsWith('\ufeff') ? 1 : 0;
  let offset = start;
  for (const line of text.slice(start, EXAMINED).split(/(?<=[\r\n])/)) {
    const content = line.trimStart().slice(0, LONGEST_LINE).trimEnd();
    if (content !== '' && !content.startsWith('#') && !content.startsWith(';')) {
      const sign = SIGNS.find(([, pattern]) => pattern.test(content));
      return sign ? { format: sign[0], offset: offset + line.length - line.trimStart().length, text: content } : null;
    }
    offset += line.length;
  }
  return null;
}
