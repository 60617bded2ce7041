import { createInterface } from 'node:readline';
import { isIncomplete, type PolicySource } from '../../policy/index.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { evaluateSources } from './eval-sources.ts';
import type { World } from './eval-world.ts';

/**
 * Reads and evaluates expressions until the input ends. An entry can have several lines: it ends when all its brackets and
 * texts are closed. Each entry can use the definitions of earlier ones; an entry with an error defines nothing.
 */
export async function prompt(world: World, io: Io): Promise<number> {
  const terminal = io.stdin.isTTY === true && io.stdout.isTTY === true;
  const lines = createInterface({ input: io.stdin, output: io.stdout, terminal, historySize: 1000 });
  const session = new Session(world, io);
  const showPrompt = (): void => {
    if (!terminal) return;
    lines.setPrompt(session.pending ? '... ' : '> ');
    lines.prompt();
  };
  lines.on('SIGINT', () => {
    if (!session.pending) return lines.close();
    session.discard();
    io.stdout.write('\n');
    showPrompt();
  });
  if (terminal && world.about !== null) io.stdout.write(`${world.about}\n`);
  showPrompt();
  for await (const line of lines) {
    await session.addLine(line);
    showPrompt();
  }
  await session.finish();
  if (terminal) io.stdout.write('\n');
  // An interactive user has seen the errors; a script needs the exit code.
  return terminal || session.ok ? EXIT.ok : EXIT.problems;
}

class Session {
  readonly #world: World;
  readonly #io: Io;
  readonly #entries: PolicySource[] = [];
  #results = 0;
  #text = '';
  #count = 0;
  ok = true;

  constructor(world: World, io: Io) {
    this.#world = world;
    this.#io = io;
  }

  get pending(): boolean {
    return this.#text !== '';
  }

  async addLine(line: string): Promise<void> {
    this.#text += `${line}\n`;
    if (!isIncomplete(this.#text)) await this.finish();
  }

  discard(): void {
    this.#text = '';
  }

  async finish(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    if (text.trim() === '') return;
    this.#count += 1;
    const entry = { file: `entry ${this.#count}`, text };
    const sources = [...this.#entries, entry];
    const { text: shown, ok, results } = await evaluateSources(sources, this.#results, this.#world, this.#io);
    this.#io.stdout.write(shown);
    if (ok) {
      this.#entries.push(entry);
      this.#results = results;
    } else {
      this.ok = false;
    }
  }
}
