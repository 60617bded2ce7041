import { MESSAGE_MAX_BYTES } from './protocol.ts';
import { XdrError } from './xdr.ts';

export const HEADER_BYTES = 28;

/** The header of a message, without the length word. */
export interface MessageHeader {
  readonly program: number;
  readonly version: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
  readonly status: number;
}

export interface Message {
  readonly header: MessageHeader;
  /** The payload after the header; may share memory with the received chunk. */
  readonly body: Buffer;
}

export function encodeMessage(header: MessageHeader, body: Uint8Array): Buffer {
  const length = HEADER_BYTES + body.length;
  if (length > MESSAGE_MAX_BYTES) {
    throw new RangeError(`a message of ${length} bytes; libvirt takes at most ${MESSAGE_MAX_BYTES}`);
  }
  const bytes = Buffer.allocUnsafe(length);
  bytes.writeUInt32BE(length, 0);
  bytes.writeUInt32BE(header.program, 4);
  bytes.writeUInt32BE(header.version, 8);
  bytes.writeInt32BE(header.procedure, 12);
  bytes.writeUInt32BE(header.type, 16);
  bytes.writeUInt32BE(header.serial, 20);
  bytes.writeUInt32BE(header.status, 24);
  bytes.set(body, HEADER_BYTES);
  return bytes;
}

function decodeMessage(bytes: Buffer): Message {
  return {
    header: {
      program: bytes.readUInt32BE(4),
      version: bytes.readUInt32BE(8),
      procedure: bytes.readInt32BE(12),
      type: bytes.readUInt32BE(16),
      serial: bytes.readUInt32BE(20),
      status: bytes.readUInt32BE(24),
    },
    body: bytes.subarray(HEADER_BYTES),
  };
}

/**
 * Splits a byte stream into messages. It buffers only the received bytes of an incomplete message: a length word
 * does not allocate memory.
 */
export class FrameSplitter {
  /** Starts with the incomplete message; may have unused space after it. */
  #storage: Buffer = Buffer.alloc(0);
  #held = 0;

  /** Buffered bytes of an incomplete message. */
  get heldBytes(): number {
    return this.#held;
  }

  /** @throws XdrError for an invalid message length; the stream is unusable after that */
  push(chunk: Buffer): Message[] {
    const data = this.#held === 0 ? chunk : this.#append(chunk);
    const messages: Message[] = [];
    let at = 0;
    while (data.length - at >= 4) {
      const length = checkedLength(data.readUInt32BE(at));
      if (data.length - at < length) break;
      messages.push(decodeMessage(data.subarray(at, at + length)));
      at += length;
    }
    // Memory before `at` now belongs to the messages; the next append finds no space and allocates a new buffer.
    if (at > 0 || this.#held === 0) this.#storage = data.subarray(at);
    this.#held = data.length - at;
    return messages;
  }

  #append(chunk: Buffer): Buffer {
    const needed = this.#held + chunk.length;
    if (needed > this.#storage.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#held * 2));
      this.#storage.copy(larger, 0, 0, this.#held);
      this.#storage = larger;
    }
    chunk.copy(this.#storage, this.#held);
    return this.#storage.subarray(0, needed);
  }
}

function checkedLength(length: number): number {
  if (length < HEADER_BYTES || length > MESSAGE_MAX_BYTES) {
    throw new XdrError(`a message length of ${length}; ${HEADER_BYTES} to ${MESSAGE_MAX_BYTES} are possible`);
  }
  return length;
}
