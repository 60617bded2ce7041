import type { Io } from '../support/io.ts';
import type { ScreenLine, View } from './view.ts';

/** Where frames are shown: a terminal that is redrawn, one that can only scroll, or a file or pipe. */
export interface Screen {
  readonly view: View;
  draw(lines: readonly ScreenLine[]): void;
  /** Leaves the terminal as it was. */
  close(): void;
}

/** Of a terminal that does not say. */
export const USUAL_COLUMNS = 80;
const USUAL_ROWS = 24;

/**
 * @param onKey called with each key: a character, or the escape sequence of a special one
 * @param onResize the terminal has another size
 * @param onGone there will be no more keys: the terminal was closed
 */
export function openScreen(
  io: Pick<Io, 'stdin' | 'stdout' | 'terminal'>,
  on: { readonly key: (key: string) => void; readonly resize: () => void; readonly gone: () => void },
): Screen {
  const { stdin, stdout, terminal } = io;
  const isTerminal = stdout.isTTY === true;
  const canRedraw = isTerminal && !['dumb', '', undefined].includes(terminal?.name);
  const hasKeys = isTerminal && stdin.isTTY === true && stdin.setRawMode !== undefined;
  const styles = canRedraw && terminal?.noColor !== true ? STYLES : null;
  const read = (data: Buffer | string) => {
    for (const key of String(data).match(KEYS) ?? []) on.key(key);
  };
  if (hasKeys) {
    stdin.setRawMode?.(true);
    stdin.on('data', read).on('end', on.gone).on('error', on.gone);
    stdin.resume();
  }
  stdout.on('resize', on.resize);
  if (canRedraw) stdout.write(ENTER);
  return {
    get view() {
      const { columns, rows } = stdout;
      // A line that fills its row would wrap on some terminals.
      const size = { columns: (columns || USUAL_COLUMNS) - (canRedraw ? 1 : 0), rows: rows || USUAL_ROWS };
      return { ...size, rows: isTerminal ? size.rows : Infinity, hasKeys };
    },
    draw(lines) {
      // Over a slow line, frames are dropped, not queued.
      if (stdout.writableNeedDrain) return;
      const texts = lines.map(({ text, style }) => `${styles?.[style] ?? ''}${text}${styles?.[style] ? RESET : ''}`);
      if (canRedraw) stdout.write(`${HOME}${texts.map((text) => `${text}${TO_LINE_END}`).join('\r\n')}${TO_END}`);
      else stdout.write(`${texts.join('\n')}\n\n`);
    },
    close() {
      stdout.off('resize', on.resize);
      if (canRedraw) stdout.write(LEAVE);
      if (!hasKeys) return;
      stdin.off('data', read).off('end', on.gone).off('error', on.gone);
      stdin.setRawMode?.(false);
      // Else the process would wait for more keys.
      stdin.pause();
    },
  };
}

/** Escape sequences of special keys, and single characters. */
// eslint-disable-next-line no-control-regex
const KEYS = /\u001b(?:\[[0-9;]*[A-Za-z~]|O[A-Z])?|[^]/gu;

const STYLES: Readonly<Record<ScreenLine['style'], string>> = { plain: '', alarm: '\u001b[1;31m', title: '\u001b[7m' };
const RESET = '\u001b[0m';
/** The alternate screen, without a cursor: what was there before comes back. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[2J';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const TO_LINE_END = '\u001b[K';
const TO_END = '\u001b[J';
