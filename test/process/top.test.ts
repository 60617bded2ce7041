import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { BALLAST } from '../support/ballast.ts';
import { controlDaemon } from '../support/control-daemon.ts';
import { eventually } from '../support/eventually.ts';
import { sharedHost } from '../support/running-daemon.ts';
import { hasTmux, Tmux } from '../support/tmux.ts';

let root: string;
let folder: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'ballast-top-'));
});
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'test-'));
});
// Not after each: what a test has started ends later.
afterAll(() => rm(root, { recursive: true }));

/** A terminal with a program in it, which ends with the test. */
class Terminal extends Tmux {
  constructor(command: string, columns: number, rows: number, term = 'tmux-256color') {
    super({ folder, command, columns, rows, term });
    onTestFinished(() => this.close());
  }

  until(pattern: RegExp): Promise<string> {
    return eventually(() => {
      const screen = this.screen();
      if (!pattern.test(screen))
        throw new Error(`not ${pattern}:
${screen}`);
      return screen;
    });
  }

  /** Waits until the program has ended. */
  exitCode(): Promise<number> {
    return eventually(() => {
      const status = this.exitStatus();
      if (status === null)
        throw new Error(`it has not ended:
${this.screen()}`);
      return status;
    });
  }
}

/** What a client reaches at a path, for as long as it is open. */
class Door {
  readonly path = join(folder, 'door.sock');
  readonly #to: string;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;

  constructor(to: string) {
    this.#to = to;
    onTestFinished(() => this.close());
  }

  /** @param answers false: connects, and says nothing */
  async open(answers = true): Promise<void> {
    const server = createServer((socket) => {
      this.#sockets.add(socket.on('error', () => undefined));
      if (!answers) return;
      const inner = connect(this.#to).on('error', () => socket.destroy());
      socket.pipe(inner).pipe(socket);
    });
    await new Promise<void>((resolve) => server.listen(this.path, resolve));
    this.#server = server;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
    if (server !== null) await new Promise((resolve) => server.close(resolve));
  }
}

const POLICY = '(with Guests g (g.Control "balloon_target" (* 0.5 g.balloon_max) "to half"))';
const SLOW = { collectIntervalMs: 500, policyIntervalMs: 500 };

describe.skipIf(!hasTmux())('ballast top in a terminal', () => {
  it('is readable at 80x24, follows the size of the terminal and its keys, and leaves it as it was', async () => {
    const guests = Array.from({ length: 30 }, (_guest, at) => ({ name: `web-${String(at).padStart(2, '0')}` }));
    const host = await sharedHost(folder, guests);
    const { sockets, client, until } = await controlDaemon(folder, host, POLICY, SLOW);
    await until('writes', async () => (await client.call('decisions')).decisions.length >= 30);
    await client.call('pause', { body: { what: 'guest', guest: 'web-29', reason: 'backup' } });
    const terminal = new Terminal(`${BALLAST} top --socket ${sockets.status} -i 200ms`, 80, 24);
    const first = await terminal.until(/^q quit .* 1-\d+ of 30/m);
    const lines = first.split('\n');
    expect(lines[0]).toMatch(/^ballast 0\.\d+\.\d+: \w+; PAUSED: 1 guest; interval [\d.]+ s ago, took \d+ ms, /);
    expect(first).toMatch(/^guest +size +wanted +max {2}notes$/m);
    expect(lines.find((line) => line.startsWith('web-29'))).toMatch(/^web-29 .* 1 GiB {2}(?:paused|guest|held)/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(80);
    terminal.press('s');
    await terminal.until(/s sort: name .*\n*$/);
    await terminal.until(/^web-00 +512 MiB +512 MiB +1 GiB/m);
    terminal.press('r');
    expect(await terminal.until(/sort: name, reversed/)).toMatch(/^guest.*\nweb-29/m);
    terminal.press('End');
    expect(await terminal.until(/-30 of 30/)).toMatch(/^web-00/m);
    terminal.resize(120, 40);
    expect(await terminal.until(/1-30 of 30/)).toMatch(/^guest +size +wanted +floor +max +usable +written {2}notes$/m);
    terminal.resize(30, 6);
    expect((await terminal.until(/^ballast/m)).trimEnd().split('\n').length).toBeLessThanOrEqual(6);
    terminal.resize(8, 2);
    await terminal.until(/^ballas~/);
    terminal.resize(80, 24);
    await terminal.until(/^q quit .* 1-\d+ of 30/m);
    terminal.press('q');
    expect(await terminal.exitCode()).toBe(0);
    expect(terminal.screen()).not.toMatch(/web-/);
  });

  it('shows a daemon that goes away, one that says nothing, and one that is back', async () => {
    const host = await sharedHost(folder, [{ name: 'web-1' }]);
    const { sockets, client, until } = await controlDaemon(folder, host, POLICY, SLOW);
    await until('a write', async () => (await client.call('decisions')).decisions.length > 0);
    const door = new Door(sockets.status);
    await door.open();
    const terminal = new Terminal(`${BALLAST} top --socket ${door.path} -i 100ms`, 100, 12);
    await terminal.until(/^web-1/m);
    await door.close();
    expect(await terminal.until(/^NO ANSWER for .*; asking again\nno Ballast runs here/m)).toMatch(/^web-1/m);
    await door.open();
    await terminal.until(/^ballast .*\n(?:.*\n)*web-1/);
    await door.close();
    await door.open(false);
    await terminal.until(/^NO ANSWER for .*\nsomething listens, but does not answer/m);
    // Not after the time limit of the request.
    terminal.press('C-c');
    expect(await terminal.exitCode()).toBe(0);
  });

  it('shows 1,000 guests with hostile names, and scrolls through them', async () => {
    const hostile = ['\u001b[2J\u001b[31mred\n', '\u202eevil', '数据库服务器数据库服务器数据库', `z${'\u0301'.repeat(300)}algo`, '😀 smile', 'x'.repeat(250), '-', '%s%n']; // prettier-ignore
    const guests = [...hostile, ...Array.from({ length: 992 }, (_guest, at) => `vm-${at}`)].map((name) => ({ name }));
    const host = await sharedHost(folder, guests);
    const { sockets, client, until } = await controlDaemon(folder, host, POLICY, { collectIntervalMs: 5000, policyIntervalMs: 5000 }); // prettier-ignore
    await until('guests', async () => (await client.call('guests')).guests.length === 1000);
    const terminal = new Terminal(`${BALLAST} top --socket ${sockets.status} --sort name`, 80, 24);
    const first = await terminal.until(/ 1-\d+ of 1000/);
    expect(first).toMatch(/^\\x1b\[2J/m);
    expect(first.split('\n')[0]).toMatch(/^ballast /);
    terminal.press('End');
    const last = await terminal.until(/-1000 of 1000/);
    expect(last.split('\n')[0]).toMatch(/^ballast /);
    for (const beginning of ['xxxxx', 'z', '数据库', '😀']) expect(last).toMatch(new RegExp(`^${beginning}`, 'm'));
    // Each row has its columns where the others have them: wide characters count twice.
    const rows = last.split('\n').filter((line) => / 1 GiB /.test(line));
    const columnOf = (line: string) => cells(line.slice(0, line.indexOf(' 1 GiB')));
    expect(new Set(rows.map(columnOf)).size).toBe(1);
  });

  it('prints below each other, without colours, on a terminal that cannot be redrawn', async () => {
    const host = await sharedHost(folder, [{ name: 'web-1' }]);
    const { sockets, client, until } = await controlDaemon(folder, host, POLICY, SLOW);
    await until('a write', async () => (await client.call('decisions')).decisions.length > 0);
    const terminal = new Terminal(`${BALLAST} top --socket ${sockets.status} -i 100ms`, 80, 40, 'dumb');
    await terminal.until(/(?:^guest +size[^]*^web-1[^]*){2}/m);
    expect(terminal.screen('-e')).not.toContain('\u001b');
    terminal.press('q');
    expect(await terminal.exitCode()).toBe(0);
  });
});

/** As tmux counts them: marks take none, CJK and emoji two. */
function cells(text: string): number {
  return [...text].reduce((sum, each) => sum + (/\p{M}/u.test(each) ? 0 : /[\p{Script=Han}😀]/u.test(each) ? 2 : 1), 0);
}
