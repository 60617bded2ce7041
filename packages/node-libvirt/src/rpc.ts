import type { Socket } from 'node:net';
import { LibvirtConnectionError, LibvirtError, LibvirtTimeoutError, readRemoteError } from './errors.ts';
import { encodeMessage, FrameSplitter, type Message } from './frames.ts';
import { Keepalive, type KeepaliveOptions } from './keepalive.ts';
import { KEEPALIVE_PROCEDURE, MESSAGE_TYPE, PROGRAM, PROGRAM_VERSION, STATUS, type Procedure } from './protocol.ts';
import { XdrError, XdrReader, XdrWriter } from './xdr.ts';

export interface CallOptions {
  /** Milliseconds until the call is given up; 0 waits for ever. Default: the connection's `callTimeoutMs`. */
  readonly timeoutMs?: number;
  /** Gives the call up with the signal's reason. libvirtd may still carry it out. */
  readonly signal?: AbortSignal;
}

interface Waiting {
  readonly procedure: Procedure;
  /** Reads the reply and resolves the call. */
  readonly accept: (body: XdrReader) => void;
  readonly reject: (error: unknown) => void;
}

interface RpcHandlers {
  /** A message that nobody asked for: an event. Throws XdrError when it cannot be read. */
  readonly onMessage: (program: number, procedure: number, body: XdrReader) => void;
  /** Once: the connection is gone. */
  readonly onClose: (reason: LibvirtConnectionError) => void;
}

const SERIAL_MAX = 0xffff_ffff;
/** A timer of Node that is longer fires at once. */
const TIMER_MAX_MS = 0x7fff_ffff;

/** Calls and their replies over one connected socket. */
export class RpcClient {
  readonly #socket: Socket;
  readonly #handlers: RpcHandlers;
  readonly #callTimeoutMs: number;
  readonly #splitter = new FrameSplitter();
  readonly #waiting = new Map<number, Waiting>();
  /** Calls that were given up and whose reply has yet to come: it must not meet a later call of that serial. */
  readonly #givenUp = new Map<number, Procedure>();
  #keepalive: Keepalive | null = null;
  #lastSerial = 0;
  #closed: LibvirtConnectionError | null = null;

  constructor(socket: Socket, callTimeoutMs: number, handlers: RpcHandlers) {
    this.#socket = socket;
    this.#callTimeoutMs = callTimeoutMs;
    this.#handlers = handlers;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.close(
        new LibvirtConnectionError(error.code ?? 'HANGUP', `connection to libvirtd lost: ${error.message}`, {
          cause: error,
        }),
      );
    });
    socket.on('close', () => this.close(new LibvirtConnectionError('HANGUP', 'libvirtd closed the connection')));
  }

  get closed(): boolean {
    return this.#closed !== null;
  }

  /** Calls under way, with those that were given up and that libvirtd may still be busy with. */
  get outstanding(): number {
    return this.#waiting.size + this.#givenUp.size;
  }

  /**
   * @param write writes the arguments
   * @param read reads the reply, which must be used up
   * @throws LibvirtError, LibvirtTimeoutError, LibvirtConnectionError, the signal's reason; RangeError or TypeError for
   *   arguments that cannot be sent
   */
  async call<T>(
    procedure: Procedure,
    write: (writer: XdrWriter) => void,
    read: (reader: XdrReader) => T,
    options: CallOptions = {},
  ): Promise<T> {
    options.signal?.throwIfAborted();
    if (this.#closed !== null) throw this.#closed;
    const writer = new XdrWriter();
    write(writer);
    const serial = this.#nextSerial();
    const frame = encodeMessage(
      {
        program: procedure.program,
        version: PROGRAM_VERSION,
        procedure: procedure.procedure,
        type: MESSAGE_TYPE.CALL,
        serial,
        status: STATUS.OK,
      },
      writer.bytes(),
    );
    return this.#send(serial, frame, procedure, read, options);
  }

  /** Sends pings when libvirtd is silent, and closes the connection when it stays so. */
  startKeepalive(options: KeepaliveOptions): void {
    this.#keepalive = new Keepalive(options, {
      ping: () => this.#sendKeepalive(KEEPALIVE_PROCEDURE.PING),
      dead: (silentMs) => {
        this.close(
          new LibvirtConnectionError('KEEPALIVE', `no reply from libvirtd for ${silentMs} ms: connection closed`),
        );
      },
    });
  }

  /** Ends the connection: everything under way is rejected with `reason` at once. Further calls of this do nothing. */
  close(reason: LibvirtConnectionError): void {
    if (this.#closed !== null) return;
    this.#closed = reason;
    this.#keepalive?.stop();
    this.#socket.destroy();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#givenUp.clear();
    for (const { reject } of waiting) reject(reason);
    this.#handlers.onClose(reason);
  }

  #send<T>(
    serial: number,
    frame: Buffer,
    procedure: Procedure,
    read: (reader: XdrReader) => T,
    options: CallOptions,
  ): Promise<T> {
    const { signal, timeoutMs = this.#callTimeoutMs } = options;
    return new Promise<T>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      const giveUp = (error: unknown): void => {
        settle();
        this.#waiting.delete(serial);
        this.#givenUp.set(serial, procedure);
        reject(error);
      };
      const onAbort = (): void => giveUp(signal?.reason);
      this.#waiting.set(serial, {
        procedure,
        accept: (body) => {
          const result = read(body);
          body.end();
          settle();
          resolve(result);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      if (timeoutMs > 0 && timeoutMs <= TIMER_MAX_MS) {
        timer = setTimeout(() => giveUp(new LibvirtTimeoutError(procedure.name, timeoutMs)), timeoutMs);
      }
      signal?.addEventListener('abort', onAbort);
      this.#socket.write(frame);
    });
  }

  #nextSerial(): number {
    do {
      this.#lastSerial = this.#lastSerial === SERIAL_MAX ? 1 : this.#lastSerial + 1;
    } while (this.#waiting.has(this.#lastSerial) || this.#givenUp.has(this.#lastSerial));
    return this.#lastSerial;
  }

  #receive(chunk: Buffer): void {
    this.#keepalive?.heard();
    try {
      for (const message of this.#splitter.push(chunk)) {
        if (this.#closed !== null) return;
        this.#dispatch(message);
      }
    } catch (error) {
      if (!(error instanceof XdrError)) throw error;
      this.close(
        new LibvirtConnectionError('PROTOCOL', `the data received is not libvirt's protocol: ${error.message}`, {
          cause: error,
        }),
      );
    }
  }

  #dispatch({ header, body }: Message): void {
    if (header.version !== PROGRAM_VERSION)
      throw new XdrError(`version ${header.version} of program 0x${header.program.toString(16)}`);
    if (header.program === PROGRAM.KEEPALIVE) this.#onKeepalive(header.procedure);
    else if (header.type === MESSAGE_TYPE.REPLY) this.#onReply({ header, body });
    else if (header.type === MESSAGE_TYPE.MESSAGE && isOurs(header.program)) {
      this.#handlers.onMessage(header.program, header.procedure, new XdrReader(body));
    } else throw new XdrError(`a message of type ${header.type} in program 0x${header.program.toString(16)}`);
  }

  #onReply({ header, body }: Message): void {
    const waiting = this.#waiting.get(header.serial);
    const procedure = waiting?.procedure ?? this.#givenUp.get(header.serial);
    if (procedure === undefined) throw new XdrError(`a reply with serial ${header.serial}, which no call has`);
    if (procedure.program !== header.program || procedure.procedure !== header.procedure) {
      throw new XdrError(`a reply of procedure ${header.procedure} to the call ${procedure.name}`);
    }
    if (header.status !== STATUS.OK && header.status !== STATUS.ERROR)
      throw new XdrError(`a reply with status ${header.status}`);
    if (waiting === undefined) {
      this.#givenUp.delete(header.serial);
      return;
    }
    // The call stays among the waiting until its reply is read: a reply that cannot be read closes the connection, which rejects it.
    try {
      if (header.status === STATUS.OK) waiting.accept(new XdrReader(body));
      else waiting.reject(new LibvirtError(procedure.name, readRemoteError(new XdrReader(body))));
    } catch (error) {
      if (error instanceof XdrError)
        throw new XdrError(`the reply to ${procedure.name} cannot be read: ${error.message}`);
      throw error;
    }
    this.#waiting.delete(header.serial);
  }

  #onKeepalive(procedure: number): void {
    if (procedure === KEEPALIVE_PROCEDURE.PING) this.#sendKeepalive(KEEPALIVE_PROCEDURE.PONG);
    else if (procedure !== KEEPALIVE_PROCEDURE.PONG)
      throw new XdrError(`procedure ${procedure} of the keepalive program`);
  }

  #sendKeepalive(procedure: number): void {
    const header = {
      program: PROGRAM.KEEPALIVE,
      version: PROGRAM_VERSION,
      procedure,
      type: MESSAGE_TYPE.MESSAGE,
      serial: 0,
      status: STATUS.OK,
    };
    this.#socket.write(encodeMessage(header, Buffer.alloc(0)));
  }
}

function isOurs(program: number): boolean {
  return program === PROGRAM.REMOTE || program === PROGRAM.QEMU;
}
