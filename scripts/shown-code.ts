import { readFileSync } from 'node:fs';

/** A code block that shows a whole file: `<!-- file: PATH -->` on the line before it. */
const FILE = /(<!-- file: (\S+) -->\n```\w*\n)[\s\S]*?^(?=```$)/gm;

/**
 * A code block that shows a part of a file: `<!-- part of: PATH -->` on the line before it. The part starts where the file
 * contains the first line of the block, or the first two lines if the first only opens a call; there must be exactly one match.
 * It ends at the next closing bracket with the same indentation; if the first line opens no bracket, it is the whole part.
 */
const PART = /(<!-- part of: (\S+) -->\n```\w*\n)([\s\S]*?)^(?=```$)/gm;

/**
 * A code block that shows paragraphs of a file, which blank lines separate: `<!-- paragraphs of: PATH -->` on the line before
 * it. Each paragraph of the block is the one of the file with the same first line; there must be exactly one.
 */
const PARAGRAPHS = /(<!-- paragraphs of: (\S+) -->\n```\w*\n)([\s\S]*?)^(?=```$)/gm;

/** Returns a page of docs/ with its code blocks updated from the files. */
export function withCurrentCode(page: string): string {
  return page
    .replaceAll(FILE, (_whole, mark: string, path: string) => mark + read(path))
    .replaceAll(PART, (_whole, mark: string, path: string, shown: string) => mark + partOf(path, shown))
    .replaceAll(PARAGRAPHS, (_whole, mark: string, path: string, shown: string) => mark + paragraphsOf(path, shown));
}

function paragraphsOf(path: string, shown: string): string {
  const all = paragraphs(read(path));
  return `${paragraphs(shown)
    .map(([first = '']) => {
      const found = all.filter(([line]) => line === first);
      if (found.length !== 1) throw new Error(`${path} has ${found.length} paragraphs that begin with:\n${first}`);
      return found[0]!.join('\n');
    })
    .join('\n\n')}\n`;
}

/** The lines of each paragraph. */
function paragraphs(text: string): string[][] {
  return text
    .trim()
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.split('\n'));
}

function partOf(path: string, shown: string): string {
  const [first = ''] = shown.split('\n');
  const firstLines = shown.split('\n').slice(0, first.trimEnd().endsWith('({') ? 2 : 1);
  const lines = read(path).split('\n');
  const found = lines.flatMap((_, at) => (firstLines.every((line, plus) => lines[at + plus] === line) ? [at] : []));
  const [start] = found;
  if (start === undefined || found.length > 1)
    throw new Error(
      `${path} has ${found.length} places that begin as the part that is shown:\n${firstLines.join('\n')}`,
    );
  if (!/[({[]$/.test(first)) return `${first}\n`;
  const indent = /^ */.exec(first)![0];
  const end = lines.findIndex(
    (line, at) => at > start && line.startsWith(indent) && /^[)}\]]/.test(line.slice(indent.length)),
  );
  if (end < 0) throw new Error(`${path}: the part that begins with ${first} has no end`);
  return `${lines.slice(start, end + 1).join('\n')}\n`;
}

function read(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
}
