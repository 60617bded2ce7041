import { connect, type Socket } from 'node:net';

/** A guest did not answer in time, or its QEMU has gone. */
export class GuestSilent extends Error {}

/** The guest understood a command, but could not do it; the message is the guest's. */
export class GuestRefused extends Error {}

/**
 * Commands to guest-init.sh and its answers, over the socket of the guest's second serial port. Commands of one guest run one after the other.
 */
export class ControlLine {
  readonly #socket: Socket;
  #unread = '';
  #closed: Error | null = null;
  #changed: () => void = () => {};
  #last: Promise<unknown> = Promise.resolve();
  /** Answers that will still come, to commands whose sender gave up waiting. */
  #late = 0;

  constructor(path: string) {
    this.#socket = connect(path);
    this.#socket.setEncoding('utf8');
    this.#socket.on('data', (text: string) => {
      this.#unread += text;
      this.#changed();
    });
    this.#socket.on('error', (error) => this.#end(error));
    this.#socket.on('close', () => this.#end(new Error('QEMU closed the control line')));
  }

  /** Resolves to the lines of the answer. Rejects with {@link GuestSilent} or {@link GuestRefused}. */
  ask(line: string, limitMs: number): Promise<string[]> {
    const answer = this.#last.then(() => this.#ask(line, Date.now() + limitMs, limitMs));
    this.#last = answer.catch(() => {});
    return answer;
  }

  close(): void {
    this.#socket.destroy();
  }

  async #ask(line: string, deadline: number, limitMs: number): Promise<string[]> {
    const silent = (): GuestSilent => new GuestSilent(`No answer to '${line}' within ${limitMs / 1000} s.`);
    this.#socket.write(`${line}\n`);
    this.#late += 1;
    // While this is above one, the next answer belongs to a command that was given up.
    for (;;) {
      const answer = await this.#answer(deadline, silent);
      this.#late -= 1;
      if (this.#late > 0) continue;
      if (answer.error !== null) throw new GuestRefused(answer.error);
      return answer.lines;
    }
  }

  async #answer(deadline: number, silent: () => Error): Promise<{ lines: string[]; error: string | null }> {
    for (;;) {
      const end = /^\.(ok|error (.*))\n/m.exec(this.#unread);
      if (end !== null) {
        const lines = this.#unread.slice(0, end.index).split('\n').slice(0, -1);
        this.#unread = this.#unread.slice(end.index + end[0].length);
        return { lines, error: end[2] ?? null };
      }
      if (this.#closed !== null) throw new GuestSilent(this.#closed.message, { cause: this.#closed });
      const left = deadline - Date.now();
      if (left <= 0) throw silent();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#changed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  #end(error: Error): void {
    this.#closed ??= error;
    this.#changed();
  }
}
