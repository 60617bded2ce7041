import { connect, type Socket } from 'node:net';

/** A guest did not reply in time, or its QEMU has exited. */
export class GuestSilent extends Error {}

/** The guest could not execute a command. The message is from the guest. */
export class GuestRefused extends Error {}

/** Sends commands to guest-init.sh over the socket of the guest's second serial port. Commands of one guest run sequentially. */
export class ControlLine {
  readonly #socket: Socket;
  #unread = '';
  #closed: Error | null = null;
  #changed: () => void = () => {};
  #last: Promise<unknown> = Promise.resolve();
  /** The number of outstanding replies, including those to commands that timed out. */
  #outstanding = 0;

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

  /** Sends a command and resolves to the lines of the reply. Rejects with {@link GuestSilent} or {@link GuestRefused}. */
  send(line: string, limitMs: number): Promise<string[]> {
    const reply = this.#last.then(() => this.#send(line, Date.now() + limitMs, limitMs));
    this.#last = reply.catch(() => {});
    return reply;
  }

  close(): void {
    this.#socket.destroy();
  }

  async #send(line: string, deadline: number, limitMs: number): Promise<string[]> {
    const timeout = (): GuestSilent => new GuestSilent(`No answer to '${line}' within ${limitMs / 1000} s.`);
    this.#socket.write(`${line}\n`);
    this.#outstanding += 1;
    // While other replies are outstanding, the next one belongs to a command that timed out.
    for (;;) {
      const reply = await this.#readReply(deadline, timeout);
      this.#outstanding -= 1;
      if (this.#outstanding > 0) continue;
      if (reply.error !== null) throw new GuestRefused(reply.error);
      return reply.lines;
    }
  }

  async #readReply(deadline: number, timeout: () => Error): Promise<{ lines: string[]; error: string | null }> {
    for (;;) {
      const end = /^\.(ok|error (.*))\n/m.exec(this.#unread);
      if (end !== null) {
        const lines = this.#unread.slice(0, end.index).split('\n').slice(0, -1);
        this.#unread = this.#unread.slice(end.index + end[0].length);
        return { lines, error: end[2] ?? null };
      }
      if (this.#closed !== null) throw new GuestSilent(this.#closed.message, { cause: this.#closed });
      const left = deadline - Date.now();
      if (left <= 0) throw timeout();
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
