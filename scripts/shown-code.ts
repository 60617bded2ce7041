import { readFileSync } from 'node:fs';

/** A code block that shows a whole file: `<!-- file: PATH -->` on the line before it. */
const FILE = /(<!-- file: (\S+) -->\n```\w*\n)[\s\S]*?^(?=```$)/gm;

/**
 * A code block that shows a part of a file: `<!-- part of: PATH -->` on the line before it. The part begins where
 * the file has the first line of the block, or its first two lines where the first only opens a call; there must be one such
 * place. It ends at the next line that is indented as little and closes something; a line that opens nothing is the part.
 */
const PART = /(<!-- part of: (\S+) -->\n```\w*\n)([\s\S]*?)^(?=```$)/gm;

/** A page of docs/ with the code that it shows as the files have it now. */
export function withCurrentCode(page: string): string {
  return page
    .replaceAll(FILE, (_whole, mark: string, path: string) => mark + read(path))
    .replaceAll(PART, (_whole, mark: string, path: string, shown: string) => mark + partOf(path, shown));
}

function partOf(path: string, shown: string): string {
  const [first = ''] = shown.split('\n');
  const begins = shown.split('\n').slice(0, first.trimEnd().endsWith('({') ? 2 : 1);
  const lines = read(path).split('\n');
  const found = lines.flatMap((_, at) => (begins.every((line, plus) => lines[at + plus] === line) ? [at] : []));
  const [start] = found;
  if (start === undefined || found.length > 1)
    throw new Error(`${path} has ${found.length} places that begin as the part that is shown:\n${begins.join('\n')}`);
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
