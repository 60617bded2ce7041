import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** What is parsed at once of a request's head and of its body, bytes. */
const HEAD_BYTES = 512;
const BODY_BYTES = 64 * 1024;

/** A client that sends more requests than this before it has an answer is cut off: they can only come behind a body. */
const MOST_UNANSWERED = 32;

/** Rest after each piece, as a multiple of the time it took, so that what clients ask leaves room for the intervals. */
const REST_SHARE = 3;
/** Shorter rests are added up, milliseconds. */
const LEAST_REST_MS = 1;
/** A piece that took longer may have been slow for other reasons. */
const LONGEST_REST_MS = 500;

/**
 * Lets an HTTP server read from its clients in small pieces, one after the other, with rests between them. By itself, Node parses all that
 * a client has sent, and runs the handler of each request in it, before anything else has a turn: a few clients that send requests without
 * waiting for an answer would take the thread for seconds, and the interval with them.
 */
export function paceClients(server: Server): void {
  const [accept] = server.listeners('connection') as ((connection: Duplex) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', (raw: Socket) => accept!.call(server, new PacedConnection(raw)));
  const note = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.socket instanceof PacedConnection) request.socket.await(request, response);
  };
  server.prependListener('request', note);
  server.prependListener('checkContinue', note);
}

/** The connection of a client, of which the parser gets a piece when it is its turn. */
class PacedConnection extends Duplex {
  readonly #raw: Socket;
  #unanswered = 0;
  #last: IncomingMessage | null = null;
  #isWanted = false;
  #isEnded = false;
  #isInTurn = false;

  constructor(raw: Socket) {
    super({ allowHalfOpen: true });
    this.#raw = raw;
    // Each request that waits for its answer has some.
    this.setMaxListeners(0);
    raw.on('readable', () => this.#takeTurn());
    raw.on('end', () => {
      this.#isEnded = true;
      this.#takeTurn();
    });
    raw.on('error', (error) => this.destroy(error));
    raw.on('timeout', () => this.emit('timeout'));
    raw.on('close', () => this.destroy());
  }

  get bytesWritten(): number {
    return this.#raw.bytesWritten;
  }

  /** As of a socket: Node limits with it how long a connection is idle. */
  setTimeout(ms: number, callback?: () => void): this {
    this.#raw.setTimeout(ms);
    if (callback !== undefined) this.once('timeout', callback);
    return this;
  }

  /** As of a socket: Node closes with it after the last answer. */
  destroySoon(): void {
    this.end(() => this.destroy());
  }

  /** Nothing more is read before this request is answered, but for its body. */
  await(request: IncomingMessage, response: ServerResponse): void {
    this.#unanswered += 1;
    this.#last = request;
    if (this.#unanswered > MOST_UNANSWERED) this.destroy();
    response.once('close', () => {
      this.#unanswered -= 1;
      this.#takeTurn();
    });
  }

  /** Gives the parser the next piece. */
  feed(): void {
    this.#isInTurn = false;
    if (!this.#isReady) return;
    const most = this.#unanswered > 0 ? BODY_BYTES : HEAD_BYTES;
    const piece = this.#isEnded ? null : (this.#raw.read(Math.min(this.#raw.readableLength, most)) as Buffer | null);
    // What is not there yet comes with the next event, and so does the end.
    if (piece === null && !this.#isEnded) return;
    this.#isWanted = false;
    this.push(piece);
  }

  get #isReady(): boolean {
    const isBusy = this.#unanswered > 0 && this.#last?.complete === true;
    return this.#isWanted && !this.destroyed && !isBusy;
  }

  #takeTurn(): void {
    if (this.#isInTurn || !this.#isReady) return;
    this.#isInTurn = true;
    PACE.add(this);
  }

  override _read(): void {
    this.#isWanted = true;
    this.#takeTurn();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#raw.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#raw.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#raw.destroy();
    done(error);
  }
}

/** The turns of all clients of all sockets. */
class Pace {
  readonly #waiting: PacedConnection[] = [];
  #isRunning = false;

  add(connection: PacedConnection): void {
    this.#waiting.push(connection);
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    let restMs = 0;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      restMs += REST_SHARE * (await millisecondsOf(next));
      if (restMs < LEAST_REST_MS) continue;
      await sleep(Math.min(restMs, LONGEST_REST_MS), undefined, { ref: false });
      restMs = 0;
    }
    this.#isRunning = false;
  }
}

/** Feeds a connection. @returns how long it took, with what the handler does at once */
function millisecondsOf(connection: PacedConnection): Promise<number> {
  return new Promise((resolve) => {
    let beganMs = 0;
    let began = process.cpuUsage();
    setImmediate(() => {
      beganMs = performance.now();
      began = process.cpuUsage();
      connection.feed();
    });
    // In the same turn of the event loop: what the daemon does for itself is between two turns.
    setImmediate(() => {
      const { user, system } = process.cpuUsage(began);
      // On a busy host, the clock counts what other programs take; and CPU time what other threads take.
      resolve(Math.min(performance.now() - beganMs, (user + system) / 1000));
    });
  });
}

const PACE = new Pace();
