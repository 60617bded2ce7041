import type { Socket } from 'node:net';
import { LibvirtConnectionError, LibvirtError, LibvirtTimeoutError, readRemoteError } from './errors.ts';
import { encodeMessage, FrameSplitter, type Message } from './frames.ts';
import { Keepalive, type KeepaliveOptions } from './keepalive.ts';
import { KEEPALIVE_PROCEDURE, MESSAGE_TYPE, PROGRAM, PROGRAM_VERSION, STATUS, type Procedure } from './protocol.ts';
import { XdrError, XdrReader, XdrWriter } from './xdr.ts';

export interface CallOptions {
  /** Timeout of the call, milliseconds; 0: none. Default: the connection's `callTimeoutMs`. */
  readonly timeoutMs?: number;
  /** Rejects the call with the signal's reason. libvirtd may still execute it. */
  readonly signal?: AbortSignal;
}

/** @param tookMs milliseconds from the request to the reply, or to the moment when the caller stopped waiting for it */
export type OnCall = (procedure: string, tookMs: number, error: unknown) => void;

interface PendingCall {
  readonly procedure: Procedure;
  /** Reads the reply and resolves the call. */
  readonly accept: (body: XdrReader) => void;
  readonly reject: (error: unknown) => void;
}

interface RpcHandlers {
  /** Called with each event message. @throws XdrError when it cannot be read */
  readonly onMessage: (program: number, procedure: number, body: XdrReader) => void;
  /** Called once, when the connection is closed. */
  readonly onClose: (reason: LibvirtConnectionError) => void;
  readonly onCall?: OnCall;
}

const SERIAL_MAX = 0xffff_ffff;
/** Node fires longer timers immediately. */
const TIMER_MAX_MS = 0x7fff_ffff;

/** Sends calls and receives their replies on a connected socket. */
export class RpcClient {
  readonly #socket: Socket;
  readonly #handlers: RpcHandlers;
  readonly #callTimeoutMs: number;
  readonly #splitter = new FrameSplitter();
  readonly #pending = new Map<number, PendingCall>();
  /** Timed-out or aborted calls without a reply: their serials must not be reused before it arrives. */
  readonly #abandoned = new Map<number, Procedure>();
  #keepalive: Keepalive | null = null;
  #isPongQueued = false;
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

  /** Calls without a reply, including timed-out or aborted ones that libvirtd may still be executing. */
  get outstanding(): number {
    return this.#pending.size + this.#abandoned.size;
  }

  /**
   * @param write writes the arguments
   * @param read reads the reply, which it must consume completely
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

  /** Sends pings while libvirtd sends nothing, and closes the connection when it does not reply. */
  startKeepalive(options: KeepaliveOptions): void {
    this.#keepalive = new Keepalive(options, {
      ping: () => this.#sendKeepalive(KEEPALIVE_PROCEDURE.PING),
      timeout: (silentMs) => {
        this.close(
          new LibvirtConnectionError('KEEPALIVE', `no reply from libvirtd for ${silentMs} ms: connection closed`),
        );
      },
    });
  }

  /** Closes the connection and rejects all pending calls with `reason`. Idempotent. */
  close(reason: LibvirtConnectionError): void {
    if (this.#closed !== null) return;
    this.#closed = reason;
    this.#keepalive?.stop();
    this.#socket.destroy();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    this.#abandoned.clear();
    for (const { reject } of pending) reject(reason);
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
      const began = performance.now();
      const settle = (error?: unknown): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#handlers.onCall?.(procedure.name, performance.now() - began, error);
      };
      const abandon = (error: unknown): void => {
        settle(error);
        this.#pending.delete(serial);
        this.#abandoned.set(serial, procedure);
        reject(error);
      };
      const onAbort = (): void => abandon(signal?.reason);
      this.#pending.set(serial, {
        procedure,
        accept: (body) => {
          const result = read(body);
          body.end();
          settle();
          resolve(result);
        },
        reject: (error) => {
          settle(error);
          reject(error);
        },
      });
      if (timeoutMs > 0 && timeoutMs <= TIMER_MAX_MS) {
        timer = setTimeout(() => abandon(new LibvirtTimeoutError(procedure.name, timeoutMs)), timeoutMs);
      }
      signal?.addEventListener('abort', onAbort);
      this.#socket.write(frame);
    });
  }

  #nextSerial(): number {
    do {
      this.#lastSerial = this.#lastSerial === SERIAL_MAX ? 1 : this.#lastSerial + 1;
    } while (this.#pending.has(this.#lastSerial) || this.#abandoned.has(this.#lastSerial));
    return this.#lastSerial;
  }

  #receive(chunk: Buffer): void {
    this.#keepalive?.received();
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
    const pending = this.#pending.get(header.serial);
    const procedure = pending?.procedure ?? this.#abandoned.get(header.serial);
    if (procedure === undefined) throw new XdrError(`a reply with serial ${header.serial}, which no call has`);
    if (procedure.program !== header.program || procedure.procedure !== header.procedure) {
      throw new XdrError(`a reply of procedure ${header.procedure} to the call ${procedure.name}`);
    }
    if (header.status !== STATUS.OK && header.status !== STATUS.ERROR)
      throw new XdrError(`a reply with status ${header.status}`);
    if (pending === undefined) {
      this.#abandoned.delete(header.serial);
      return;
    }
    // The call stays pending until its reply is read: an invalid reply closes the connection, which rejects the call.
    try {
      if (header.status === STATUS.OK) pending.accept(new XdrReader(body));
      else pending.reject(new LibvirtError(procedure.name, readRemoteError(new XdrReader(body))));
    } catch (error) {
      if (error instanceof XdrError)
        throw new XdrError(`the reply to ${procedure.name} cannot be read: ${error.message}`);
      throw error;
    }
    this.#pending.delete(header.serial);
  }

  #onKeepalive(procedure: number): void {
    if (procedure === KEEPALIVE_PROCEDURE.PING) this.#sendPong();
    else if (procedure !== KEEPALIVE_PROCEDURE.PONG)
      throw new XdrError(`procedure ${procedure} of the keepalive program`);
  }

  /** One for all pings that arrive before it is sent: a peer that only writes must not fill the memory with replies. */
  #sendPong(): void {
    if (this.#isPongQueued) return;
    this.#isPongQueued = true;
    this.#sendKeepalive(KEEPALIVE_PROCEDURE.PONG, () => {
      this.#isPongQueued = false;
    });
  }

  #sendKeepalive(procedure: number, sent?: () => void): void {
    const header = {
      program: PROGRAM.KEEPALIVE,
      version: PROGRAM_VERSION,
      procedure,
      type: MESSAGE_TYPE.MESSAGE,
      serial: 0,
      status: STATUS.OK,
    };
    this.#socket.write(encodeMessage(header, Buffer.alloc(0)), sent);
  }
}

function isOurs(program: number): boolean {
  return program === PROGRAM.REMOTE || program === PROGRAM.QEMU;
}
