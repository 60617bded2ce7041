import { escapeJson } from '../../model/text.ts';
import { daemonClient, type DaemonChoice } from '../support/daemon-client.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { Feed } from '../top/feed.ts';
import { openScreen, USUAL_COLUMNS } from '../top/screen.ts';
import { nextOrder, type Order } from '../top/sort.ts';
import { frameOf, type Choice } from '../top/view.ts';

export interface TopOptions {
  readonly daemon: DaemonChoice;
  readonly intervalMs: number;
  readonly order: Order;
  readonly once: boolean;
  readonly json: boolean;
}

/** How often ages are counted on while a daemon does not answer, milliseconds. */
const TICK_MS = 1000;

/**
 * `ballast top`: the running daemon and its guests, again and again. A daemon that goes away is shown as such, until it is back.
 * @throws ClientError when no daemon answers at the start
 */
export async function showTop(options: TopOptions, io: Io, stop: AbortSignal): Promise<number> {
  const ended = new AbortController();
  const client = await daemonClient(options.daemon, 'status', 'top', io, ended.signal);
  const feed = await Feed.open(client);
  const end = () => ended.abort();
  stop.addEventListener('abort', end);
  try {
    if (options.json) await printJson(feed, options, io, ended.signal);
    else if (options.once) printOnce(feed, options, io);
    else if (!stop.aborted) await showScreen(feed, options, io, ended);
  } finally {
    end();
    stop.removeEventListener('abort', end);
  }
  return EXIT.ok;
}

async function printJson(feed: Feed, { intervalMs, once }: TopOptions, io: Io, ended: AbortSignal): Promise<void> {
  for (;;) {
    const { status, guests, answeredMs, trouble } = feed.answers;
    const time = new Date(trouble?.sinceMs ?? answeredMs).toISOString();
    const line = trouble === null ? { time, status, guests: guests.guests } : { time, no_answer: trouble.message };
    io.stdout.write(`${escapeJson(JSON.stringify(line))}\n`);
    if (io.stdout.writableNeedDrain) await new Promise((resolve) => io.stdout.once('drain', resolve));
    if (once) return;
    await pass(intervalMs, ended);
    if (ended.aborted) return;
    await feed.refresh();
  }
}

function printOnce({ answers }: Feed, { order }: TopOptions, { stdout }: Io): void {
  const view = { columns: stdout.columns || USUAL_COLUMNS, rows: Infinity, hasKeys: false };
  const { lines } = frameOf(answers, { order, reversed: false, offset: 0 }, view, Date.now());
  stdout.write(lines.map(({ text }) => `${text}\n`).join(''));
}

async function showScreen(
  feed: Feed,
  { intervalMs, order }: TopOptions,
  io: Io,
  ended: AbortController,
): Promise<void> {
  let choice: Choice = { order, reversed: false, offset: 0 };
  let page = 0;
  // A bug in a listener must not leave the terminal as it is now.
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_resolve, reject) => (fail = reject));
  const caught = (work: () => void) => {
    try {
      work();
    } catch (error) {
      fail(error);
    }
  };
  const screen = openScreen(io, {
    key: (pressed) => caught(() => key(pressed)),
    resize: () => caught(draw),
    gone: () => ended.abort(),
  });
  try {
    draw();
    await new Promise<void>((resolve, reject) => {
      failed.catch(reject);
      if (ended.signal.aborted) return resolve();
      // The user need not wait for a daemon that does not answer.
      ended.signal.addEventListener('abort', () => resolve());
      refreshing(feed, intervalMs, ended.signal, draw).catch(reject);
      ticking(feed, ended.signal, draw).catch(reject);
    });
  } finally {
    ended.abort();
    screen.close();
  }

  function draw(): void {
    const frame = frameOf(feed.answers, choice, screen.view, Date.now());
    page = frame.page;
    choice = { ...choice, offset: frame.first };
    screen.draw(frame.lines);
  }

  function key(pressed: string): void {
    const last = Math.max(0, feed.answers.guests.guests.length - page);
    const move = MOVES[pressed];
    if (QUIT.has(pressed)) return ended.abort();
    if (pressed === 's') choice = { ...choice, order: nextOrder(choice.order), offset: 0 };
    else if (pressed === 'r') choice = { ...choice, reversed: !choice.reversed, offset: 0 };
    else if (move) choice = { ...choice, offset: Math.min(last, Math.max(0, move(choice.offset, page, last))) };
    else return;
    draw();
  }
}

async function refreshing(feed: Feed, intervalMs: number, ended: AbortSignal, draw: () => void): Promise<void> {
  for (;;) {
    await pass(intervalMs, ended);
    if (ended.aborted) return;
    await feed.refresh();
    if (ended.aborted) return;
    draw();
  }
}

/** What is not new gets older. */
async function ticking(feed: Feed, ended: AbortSignal, draw: () => void): Promise<void> {
  for (;;) {
    await pass(TICK_MS, ended);
    if (ended.aborted) return;
    if (feed.isWaiting || feed.answers.trouble !== null) draw();
  }
}

/** Ctrl-C and Ctrl-D are characters: the terminal is read key by key. */
const QUIT: ReadonlySet<string> = new Set(['q', 'Q', '\u0003', '\u0004']);

type Move = (offset: number, page: number, last: number) => number;
const up: Move = (offset) => offset - 1;
const down: Move = (offset) => offset + 1;
const pageUp: Move = (offset, page) => offset - page;
const pageDown: Move = (offset, page) => offset + page;
const MOVES: Readonly<Record<string, Move>> = {
  ...{ '\u001b[A': up, '\u001bOA': up, k: up, '\u001b[B': down, '\u001bOB': down, j: down },
  ...{ '\u001b[5~': pageUp, '\u001b[6~': pageDown, ' ': pageDown },
  ...{ '\u001b[H': () => 0, '\u001b[1~': () => 0, g: () => 0 },
  ...{ '\u001b[F': (_offset, _page, last) => last, '\u001b[4~': (_offset, _page, last) => last },
  G: (_offset, _page, last) => last,
};

function pass(ms: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (ended.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      ended.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    ended.addEventListener('abort', done);
  });
}
