import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeMessage, FrameSplitter, HEADER_BYTES, type Message, type MessageHeader } from '../src/frames.ts';
import { MESSAGE_MAX_BYTES } from '../src/protocol.ts';
import { XdrError } from '../src/xdr.ts';

const HEADER: MessageHeader = { program: 0x20008086, version: 1, procedure: 344, type: 1, serial: 7, status: 0 };

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const edges = [0, ...[...at].map((x) => x % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((end, i) => bytes.subarray(edges[i], end));
}

test('splits the stream into messages for any chunk boundaries', () => {
  const word = fc.integer({ min: 0, max: 0xffff_ffff });
  const header = fc.record({
    program: word,
    version: word,
    procedure: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    type: word,
    serial: word,
    status: word,
  });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(header, fc.uint8Array({ maxLength: 90 })), { maxLength: 8 }),
      fc.array(fc.nat(), { maxLength: 30 }),
      (sent, cuts) => {
        const splitter = new FrameSplitter();
        const got: Message[] = [];
        // Each chunk is a copy that is cleared after the next push: nothing may depend on it then.
        for (const chunk of cut(Buffer.concat(sent.map(([h, body]) => encodeMessage(h, body))), cuts)) {
          got.push(...splitter.push(Buffer.from(chunk)).map((m) => ({ header: m.header, body: Buffer.from(m.body) })));
        }
        expect(got).toEqual(sent.map(([h, body]) => ({ header: h, body: Buffer.from(body) })));
        expect(splitter.heldBytes).toBe(0);
      },
    ),
  );
});

test('does not change returned bodies when more data arrives', () => {
  const splitter = new FrameSplitter();
  const first = encodeMessage(HEADER, Buffer.alloc(10, 1));
  const second = encodeMessage(HEADER, Buffer.alloc(10, 2));
  const stream = Buffer.concat([first, second]);
  const messages = [stream.subarray(0, 30), stream.subarray(30, 45), stream.subarray(45)].flatMap((chunk) =>
    splitter.push(Buffer.from(chunk)),
  );
  expect(messages.map(({ body }) => [...new Set(body)])).toEqual([[1], [2]]);
});

describe('rejects invalid message lengths', () => {
  test.each([0, 1, HEADER_BYTES - 1, MESSAGE_MAX_BYTES + 1, 0xffff_ffff])('%d', (length) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(length);
    expect(() => new FrameSplitter().push(bytes)).toThrow(XdrError);
  });

  test('accepts the longest message', () => {
    const message = encodeMessage(HEADER, Buffer.alloc(MESSAGE_MAX_BYTES - HEADER_BYTES, 3));
    const splitter = new FrameSplitter();
    const got: Message[] = [];
    for (let at = 0; at < message.length; at += 65_536) got.push(...splitter.push(message.subarray(at, at + 65_536)));
    expect(got).toHaveLength(1);
    expect(got[0]?.body.length).toBe(MESSAGE_MAX_BYTES - HEADER_BYTES);
    expect(() => encodeMessage(HEADER, Buffer.alloc(MESSAGE_MAX_BYTES))).toThrow(RangeError);
  });
});

test('allocates no memory for a length word of 32 MiB before the data arrives', () => {
  const splitters = Array.from({ length: 2000 }, () => new FrameSplitter());
  const bytes = Buffer.alloc(100);
  bytes.writeUInt32BE(MESSAGE_MAX_BYTES);
  const before = process.memoryUsage().arrayBuffers;
  for (const splitter of splitters) splitter.push(bytes.subarray(0, 60));
  for (const splitter of splitters) splitter.push(bytes.subarray(60));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
  expect(splitters.every((splitter) => splitter.heldBytes === 100)).toBe(true);
});

test('returns messages or throws XdrError for random bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 20 }), (chunks) => {
      const splitter = new FrameSplitter();
      let pushed = 0;
      try {
        for (const chunk of chunks) {
          pushed += chunk.length;
          splitter.push(Buffer.from(chunk));
          expect(splitter.heldBytes).toBeLessThanOrEqual(pushed);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(XdrError);
      }
    }),
  );
});
