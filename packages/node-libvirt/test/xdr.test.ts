import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { XdrError, XdrReader, XdrWriter } from '../src/xdr.ts';

const INT64 = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
const UINT64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });

function readBack<T>(write: (writer: XdrWriter) => void, read: (reader: XdrReader) => T): T {
  const writer = new XdrWriter(1);
  write(writer);
  const reader = new XdrReader(writer.bytes());
  const value = read(reader);
  reader.end();
  return value;
}

describe('values read back as written', () => {
  test('integers', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        (n) =>
          readBack(
            (w) => w.int(n),
            (r) => r.int(),
          ) === n,
      ),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        (n) =>
          readBack(
            (w) => w.uint(n),
            (r) => r.uint(),
          ) === n,
      ),
    );
  });

  test('64-bit integers: a number up to 2^53 - 1, a bigint beyond', () => {
    const canonical = (n: bigint): number | bigint => (Number.isSafeInteger(Number(n)) ? Number(n) : n);
    fc.assert(
      fc.property(
        INT64,
        (n) =>
          readBack(
            (w) => w.int64(n),
            (r) => r.int64(),
          ) === canonical(n),
      ),
    );
    fc.assert(
      fc.property(
        UINT64,
        (n) =>
          readBack(
            (w) => w.uint64(n),
            (r) => r.uint64(),
          ) === canonical(n),
      ),
    );
  });

  test.each([0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1])('%d is read as a number', (n) => {
    expect(
      readBack(
        (w) => w.uint64(n),
        (r) => r.uint64(),
      ),
    ).toBe(n);
    expect(
      readBack(
        (w) => w.int64(-n),
        (r) => r.int64(),
      ),
    ).toBe(0 - n);
  });

  test('the first values read as bigints', () => {
    expect(
      readBack(
        (w) => w.uint64(2n ** 53n),
        (r) => r.uint64(),
      ),
    ).toBe(2n ** 53n);
    expect(
      readBack(
        (w) => w.int64(-(2n ** 53n)),
        (r) => r.int64(),
      ),
    ).toBe(-(2n ** 53n));
  });

  test('strings with padding', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        (text) =>
          readBack(
            (w) => w.string(text, 10_000),
            (r) => r.string(10_000),
          ) === text,
      ),
    );
    const writer = new XdrWriter().string('abcde', 100);
    expect(writer.bytes().toString('hex')).toBe('000000056162636465000000');
  });

  test('doubles, optionals, arrays and opaque bytes', () => {
    fc.assert(
      fc.property(fc.double(), (n) =>
        Object.is(
          readBack(
            (w) => w.double(n),
            (r) => r.double(),
          ),
          n,
        ),
      ),
    );
    fc.assert(
      fc.property(
        fc.option(fc.nat()),
        (n) =>
          readBack(
            (w) => w.optional(n, (v, x) => v.uint(x)),
            (r) => r.optional((v) => v.uint()),
          ) === n,
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 20 }), (list) => {
        expect(
          readBack(
            (w) => w.array(list, 20, (v, x) => v.uint(x)),
            (r) => r.array(20, 4, (v) => v.uint()),
          ),
        ).toEqual(list);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
        expect([
          ...readBack(
            (w) => w.fixedOpaque(bytes),
            (r) => r.fixedOpaque(bytes.length),
          ),
        ]).toEqual([...bytes]);
      }),
    );
  });
});

describe('values out of range throw RangeError', () => {
  test.each<[string, (w: XdrWriter) => unknown]>([
    ['a fraction', (w) => w.int(1.5)],
    ['NaN', (w) => w.uint(NaN)],
    ['a negative unsigned', (w) => w.uint(-1)],
    ['33 bits', (w) => w.uint(2 ** 32)],
    ['a number past 2^53', (w) => w.uint64(2 ** 53)],
    ['65 bits', (w) => w.uint64(1n << 64n)],
    ['a negative unsigned bigint', (w) => w.uint64(-1n)],
    ['2^63 as signed', (w) => w.int64(1n << 63n)],
    ['a string with too many bytes', (w) => w.string('äää', 5)],
    ['an array with too many elements', (w) => w.array([1, 2], 1, (v, x) => v.int(x))],
    ['flags of 33 bits', (w) => w.flags(2 ** 32)],
  ])('%s', (_name, write) => {
    expect(() => write(new XdrWriter())).toThrow(RangeError);
  });

  test('flags combined to a negative number are sent as unsigned', () => {
    expect(
      readBack(
        (w) => w.flags((1 << 31) | 1),
        (r) => r.uint(),
      ),
    ).toBe(0x8000_0001);
  });
});

describe('hostile input', () => {
  test('rejects a string longer than the message or the limit', () => {
    expect(() => new XdrReader(Buffer.from('7fffffff61626364', 'hex')).string(0x7fff_ffff)).toThrow(XdrError);
    expect(() => new XdrReader(Buffer.from('0000000461626364', 'hex')).string(3)).toThrow('at most 3');
  });

  test('rejects non-zero or missing padding', () => {
    expect(() => new XdrReader(Buffer.from('0000000161ff0000', 'hex')).string(9)).toThrow('padding');
    expect(() => new XdrReader(Buffer.from('0000000161', 'hex')).string(9)).toThrow('ends early');
  });

  test('rejects an impossible array count before reading elements', () => {
    let reads = 0;
    const reader = new XdrReader(Buffer.from('00ffffff00000000', 'hex'));
    expect(() => reader.array(0xffff_ffff, 4, () => reads++)).toThrow(XdrError);
    expect(reads).toBe(0);
  });

  test('rejects an optional whose flag is neither 0 nor 1', () => {
    expect(() => new XdrReader(Buffer.from('00000002', 'hex')).optional((r) => r.int())).toThrow(XdrError);
  });

  test('returns a value or throws XdrError for any reads of any bytes, never past the end', () => {
    const reads: ((r: XdrReader) => unknown)[] = [
      (r) => r.int(),
      (r) => r.uint(),
      (r) => r.int64(),
      (r) => r.uint64(),
      (r) => r.double(),
      (r) => r.string(1000),
      (r) => r.fixedOpaque(16),
      (r) => r.optional((x) => x.string(10)),
      (r) => r.array(1000, 4, (x) => x.uint()),
      (r) => r.end(),
    ];
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.array(fc.constantFrom(...reads), { maxLength: 30 }),
        (bytes, plan) => {
          // The reader gets a slice of a larger buffer and must not read outside it.
          const around = Buffer.concat([Buffer.alloc(64, 0xee), bytes, Buffer.alloc(64, 0xee)]);
          const reader = new XdrReader(around.subarray(64, 64 + bytes.length));
          for (const read of plan) {
            try {
              read(reader);
            } catch (error) {
              expect(error).toBeInstanceOf(XdrError);
            }
            expect(reader.remaining).toBeGreaterThanOrEqual(0);
          }
        },
      ),
    );
  });
});
