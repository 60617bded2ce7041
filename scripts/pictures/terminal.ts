import { escaped, text } from './svg.ts';

export interface TerminalChoice {
  /** For those who cannot see it. */
  readonly title: string;
  /** The command, above the screen. */
  readonly command: string;
  readonly columns: number;
}

interface Style {
  readonly bold: boolean;
  readonly red: boolean;
  readonly reverse: boolean;
}

/** Cells of one style. */
interface Run extends Style {
  readonly column: number;
  readonly words: string;
}

const CELL = 8;
const LINE = 18;
const MARGIN = 14;
/** The line with the command. */
const BAR = 34;
const FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace";
/** Readable on GitHub's light and dark pages: the picture has a background and a frame of its own. */
const COLOURS = { background: '#0d1117', frame: '#57606a', words: '#e6edf3', red: '#ff7b72', grey: '#9198a1' };

/** A picture of what `tmux capture-pane -p -e` prints. @throws Error for a style that it cannot draw */
export function terminalPicture(screen: string, { title, command, columns }: TerminalChoice): string {
  const lines = screen.replace(/\n+$/, '').split('\n');
  const [width, height] = [columns * CELL + 2 * MARGIN, BAR + lines.length * LINE + MARGIN];
  const drawn = lines.flatMap((line, row) => runsOf(line).map((run) => drawnRun(run, row)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="${FONT}" font-size="13" role="img">
<title>${escaped(title)}</title>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${COLOURS.background}" stroke="${COLOURS.frame}"/>
${text(MARGIN, BAR - 13, `$ ${command}`, `fill="${COLOURS.grey}"`)}
${drawn.join('\n')}
</svg>
`;
}

function drawnRun({ column, words, bold, red, reverse }: Run, row: number): string {
  const [x, y, width] = [MARGIN + column * CELL, BAR + row * LINE, words.length * CELL];
  const colour = red ? COLOURS.red : COLOURS.words;
  // Each run is as wide as its cells, whatever the font is.
  const attributes = `fill="${reverse ? COLOURS.background : colour}" textLength="${width}" lengthAdjust="spacingAndGlyphs" xml:space="preserve"${bold ? ' font-weight="bold"' : ''}`;
  const behind = reverse ? `<rect x="${x}" y="${y}" width="${width}" height="${LINE}" fill="${colour}"/>\n` : '';
  return `${behind}${text(x, y + 13, words, attributes)}`;
}

const PLAIN: Style = { bold: false, red: false, reverse: false };

/** What the parameters of an escape sequence change. */
const CHANGES: Readonly<Record<string, Partial<Style>>> = {
  0: PLAIN,
  '': PLAIN,
  1: { bold: true },
  7: { reverse: true },
  22: { bold: false },
  27: { reverse: false },
  31: { red: true },
  39: { red: false },
  // The background, which nothing changes.
  49: {},
};

function changeOf(parameter: string): Partial<Style> {
  const change = CHANGES[parameter];
  if (change === undefined) throw new Error(`the picture of a terminal has no style for \\e[${parameter}m`);
  return change;
}

/** The runs of a line, without those that are blank. */
export function runsOf(line: string): readonly Run[] {
  const runs: Run[] = [];
  let style = PLAIN;
  let column = 0;
  // Odd parts are the parameters of escape sequences.
  // eslint-disable-next-line no-control-regex
  for (const [at, part] of line.split(/\u001b\[([\d;]*)m/).entries()) {
    if (at % 2 === 1) {
      const changes = part.split(';').map(changeOf);
      style = Object.assign({}, style, ...changes) as Style;
      continue;
    }
    const words = style.reverse ? part : part.trimEnd();
    const from = style.reverse ? 0 : words.length - words.trimStart().length;
    if (words.length > from) runs.push({ ...style, column: column + from, words: words.slice(from) });
    column += part.length;
  }
  return runs;
}
