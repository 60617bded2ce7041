import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeMessage, FrameSplitter, type Message, type MessageHeader } from '../src/frames.ts';
import { KEEPALIVE_PROCEDURE, MESSAGE_TYPE, PROGRAM, REMOTE, STATUS, STRING_MAX_BYTES } from '../src/protocol.ts';
import { XdrReader, XdrWriter } from '../src/xdr.ts';

/** A client of the server. */
export class Peer {
  readonly socket: Socket;
  readonly received: Message[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
  }

  send(header: Partial<MessageHeader>, body: Uint8Array = Buffer.alloc(0)): void {
    this.socket.write(
      encodeMessage(
        {
          program: PROGRAM.REMOTE,
          version: 1,
          procedure: 0,
          type: MESSAGE_TYPE.REPLY,
          serial: 0,
          status: STATUS.OK,
          ...header,
        },
        body,
      ),
    );
  }

  reply(
    call: Message,
    write: (writer: XdrWriter) => void = () => undefined,
    header: Partial<MessageHeader> = {},
  ): void {
    const writer = new XdrWriter();
    write(writer);
    this.send({ ...call.header, type: MESSAGE_TYPE.REPLY, ...header }, writer.bytes());
  }

  fail(call: Message, code: number, domain: number, message: string | null): void {
    this.reply(call, (w) => writeError(w, code, domain, message), { status: STATUS.ERROR });
  }

  pings(): number {
    return this.received.filter(
      ({ header }) => header.program === PROGRAM.KEEPALIVE && header.procedure === KEEPALIVE_PROCEDURE.PING,
    ).length;
  }
}

export function writeError(writer: XdrWriter, code: number, domain: number, message: string | null): void {
  writer
    .int(code)
    .int(domain)
    .optional(message, (w, text) => w.string(text, STRING_MAX_BYTES))
    .int(2)
    .optional(null, () => undefined);
  for (let i = 0; i < 3; i++) writer.optional(null, () => undefined);
  writer
    .int(-1)
    .int(-1)
    .optional(null, () => undefined);
}

export interface RawServer {
  readonly path: string;
  readonly peers: Peer[];
  /** Handles a call; returns true when it did, so that the default reply is skipped. */
  handler: (peer: Peer, call: Message) => boolean | void;
  authTypes: number[];
  close(): Promise<void>;
}

/** A server on a temporary unix socket that opens connections like libvirtd and passes calls to `handler`. */
export async function startRawServer(): Promise<RawServer> {
  const directory = await mkdtemp(join(tmpdir(), 'node-libvirt-'));
  const path = join(directory, 'sock');
  const server: Server = createServer();
  const raw: RawServer = {
    path,
    peers: [],
    authTypes: [0],
    handler: () => false,
    close: async () => {
      for (const { socket } of raw.peers) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true });
    },
  };
  server.on('connection', (socket) => {
    const peer = new Peer(socket);
    const splitter = new FrameSplitter();
    raw.peers.push(peer);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const message of splitter.push(chunk)) {
        peer.received.push(message);
        if (message.header.type === MESSAGE_TYPE.CALL && raw.handler(peer, message) !== true) open(raw, peer, message);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return raw;
}

function open(raw: RawServer, peer: Peer, call: Message): void {
  switch (call.header.procedure) {
    case REMOTE.AUTH_LIST.procedure:
      peer.reply(call, (w) => w.array(raw.authTypes, 20, (x, type) => x.int(type)));
      break;
    case REMOTE.AUTH_POLKIT.procedure:
      peer.reply(call, (w) => w.int(1));
      break;
    case REMOTE.CONNECT_SUPPORTS_FEATURE.procedure:
      peer.reply(call, (w) => w.int(1));
      break;
    case REMOTE.CONNECT_OPEN.procedure:
    case REMOTE.CONNECT_CLOSE.procedure:
      peer.reply(call);
  }
}

export function argumentsOf(call: Message): XdrReader {
  return new XdrReader(call.body);
}
