import type { Socket } from 'node:net';
import { encodeMessage, FrameSplitter, type Message } from '../../packages/node-libvirt/src/frames.ts';
import { KEEPALIVE_PROCEDURE, MESSAGE_TYPE, PROGRAM, STATUS } from '../../packages/node-libvirt/src/protocol.ts';
import { writeError } from '../../packages/node-libvirt/test/raw-server.ts';
import { XdrWriter } from '../../packages/node-libvirt/src/xdr.ts';

/** An error reply of the fake. */
export class FakeError extends Error {
  readonly code: number;
  readonly domain: number;

  /** @param code virErrorNumber @param domain virErrorDomain; 10 is QEMU */
  constructor(code: number, message: string, domain = 10) {
    super(message);
    this.code = code;
    this.domain = domain;
  }
}

export type Reply = (writer: XdrWriter) => void;

/** libvirtd's limit of concurrent requests per client. While it is reached, libvirtd reads nothing from that client, not even pings. */
const MAX_REQUESTS = 5;

/** The server side of one connection. */
export class FakeClient {
  /** Callback ids of this client's event subscriptions, by event id. */
  readonly callbacks = new Map<number, number>();
  readonly #socket: Socket;
  readonly #handle: (client: FakeClient, call: Message) => Promise<Reply>;
  readonly #unread: Message[] = [];
  #busy = 0;

  constructor(socket: Socket, handle: (client: FakeClient, call: Message) => Promise<Reply>) {
    this.#socket = socket;
    this.#handle = handle;
    const splitter = new FrameSplitter();
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      this.#unread.push(...splitter.push(chunk));
      this.#read();
    });
  }

  drop(): void {
    this.#socket.destroy();
  }

  sendEvent(procedure: number, write: Reply): void {
    this.#send({ program: PROGRAM.REMOTE, procedure, type: MESSAGE_TYPE.MESSAGE, serial: 0, status: STATUS.OK }, write);
  }

  ping(): void {
    this.#send(
      {
        program: PROGRAM.KEEPALIVE,
        procedure: KEEPALIVE_PROCEDURE.PING,
        type: MESSAGE_TYPE.MESSAGE,
        serial: 0,
        status: STATUS.OK,
      },
      () => undefined,
    );
  }

  #read(): void {
    while (this.#busy < MAX_REQUESTS) {
      const message = this.#unread.shift();
      if (message === undefined) return;
      if (message.header.program === PROGRAM.KEEPALIVE) {
        if (message.header.procedure === KEEPALIVE_PROCEDURE.PING) {
          this.#send({ ...message.header, procedure: KEEPALIVE_PROCEDURE.PONG }, () => undefined);
        }
      } else {
        void this.#reply(message);
      }
    }
  }

  async #reply(call: Message): Promise<void> {
    this.#busy++;
    try {
      const answer = await this.#handle(this, call);
      this.#send({ ...call.header, type: MESSAGE_TYPE.REPLY, status: STATUS.OK }, answer);
    } catch (error) {
      if (!(error instanceof FakeError)) throw error;
      this.#send({ ...call.header, type: MESSAGE_TYPE.REPLY, status: STATUS.ERROR }, (w) =>
        writeError(w, error.code, error.domain, error.message),
      );
    } finally {
      this.#busy--;
      this.#read();
    }
  }

  #send(header: Omit<Message['header'], 'version'>, write: Reply): void {
    if (this.#socket.destroyed) return;
    const writer = new XdrWriter(1024);
    write(writer);
    this.#socket.write(encodeMessage({ ...header, version: 1 }, writer.bytes()));
  }
}
