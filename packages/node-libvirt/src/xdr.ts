/** Data that violates the protocol. */
export class XdrError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'XdrError';
  }
}

/** A 64-bit integer: a number up to 2^53 - 1 in magnitude, a bigint beyond. */
export type Int64 = number | bigint;

const TWO_32 = 0x1_0000_0000;
const HIGH_WORD_OF_SAFE = 0x1f_ffff;

/** Reads XDR (RFC 4506) from a buffer, never past its end. All methods throw {@link XdrError} on invalid data. */
export class XdrReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  int(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  uint(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  int64(): Int64 {
    const at = this.#take(8);
    const high = this.#bytes.readInt32BE(at);
    if (high > HIGH_WORD_OF_SAFE || high < ~HIGH_WORD_OF_SAFE) return this.#bytes.readBigInt64BE(at);
    const value = high * TWO_32 + this.#bytes.readUInt32BE(at + 4);
    // -(2^53) is the only unsafe value that passes the check above.
    return Number.isSafeInteger(value) ? value : BigInt(value);
  }

  uint64(): Int64 {
    const at = this.#take(8);
    const high = this.#bytes.readUInt32BE(at);
    if (high > HIGH_WORD_OF_SAFE) return this.#bytes.readBigUInt64BE(at);
    return high * TWO_32 + this.#bytes.readUInt32BE(at + 4);
  }

  double(): number {
    return this.#bytes.readDoubleBE(this.#take(8));
  }

  /** Opaque data of fixed length. The result shares memory with the message. */
  fixedOpaque(length: number): Buffer {
    const at = this.#take(length);
    this.#padding(length);
    return this.#bytes.subarray(at, at + length);
  }

  string(maxBytes: number): string {
    const length = this.uint();
    if (length > maxBytes) throw new XdrError(`a string of ${length} bytes where at most ${maxBytes} are allowed`);
    const at = this.#take(length);
    this.#padding(length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  optional<T>(read: (reader: XdrReader) => T): T | null {
    const present = this.uint();
    if (present > 1) throw new XdrError(`${present} where an optional value's 0 or 1 was expected`);
    return present === 1 ? read(this) : null;
  }

  /**
   * @param minBytes minimum size of an element: an impossible count is rejected before anything is allocated
   */
  array<T>(maxCount: number, minBytes: number, read: (reader: XdrReader) => T): T[] {
    const count = this.count(maxCount, minBytes);
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(read(this));
    return items;
  }

  /** The element count of an array, checked as in {@link array}. */
  count(maxCount: number, minBytes: number): number {
    const count = this.uint();
    if (count > maxCount) throw new XdrError(`an array of ${count} elements where at most ${maxCount} are allowed`);
    if (count * minBytes > this.remaining) {
      throw new XdrError(`an array of ${count} elements in ${this.remaining} bytes`);
    }
    return count;
  }

  /** Checks that the message was read completely: remaining data means that it was misread. */
  end(): void {
    if (this.remaining !== 0) throw new XdrError(`${this.remaining} bytes left over at the end of a message`);
  }

  #take(length: number): number {
    const at = this.#offset;
    if (length > this.#bytes.length - at) {
      throw new XdrError(`message ends early: ${length} bytes wanted at offset ${at}, ${this.remaining} left`);
    }
    this.#offset = at + length;
    return at;
  }

  #padding(length: number): void {
    const pad = (4 - (length & 3)) & 3;
    if (pad === 0) return;
    const at = this.#take(pad);
    for (let i = at; i < at + pad; i++) {
      if (this.#bytes[i] !== 0) throw new XdrError('padding that is not zero');
    }
  }
}

const INT_MIN = -0x8000_0000;
const INT_MAX = 0x7fff_ffff;
const UINT_MAX = 0xffff_ffff;
const INT64_MIN = -(1n << 63n);
const INT64_MAX = (1n << 63n) - 1n;
const UINT64_MAX = (1n << 64n) - 1n;

/** Writes XDR. A value out of range for its type throws `RangeError`. */
export class XdrWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(initialBytes = 256) {
    this.#bytes = Buffer.allocUnsafe(initialBytes);
  }

  int(value: number): this {
    if (!Number.isInteger(value) || value < INT_MIN || value > INT_MAX)
      throw outOfRange(value, 'a 32-bit signed integer');
    const at = this.#grow(4);
    this.#bytes.writeInt32BE(value, at);
    return this;
  }

  uint(value: number): this {
    if (!Number.isInteger(value) || value < 0 || value > UINT_MAX) throw outOfRange(value, 'a 32-bit unsigned integer');
    const at = this.#grow(4);
    this.#bytes.writeUInt32BE(value, at);
    return this;
  }

  /** Flags combined with `|`: negative when the highest bit is set. */
  flags(value: number): this {
    if (!Number.isInteger(value) || value < INT_MIN || value > UINT_MAX)
      throw outOfRange(value, 'a set of 32-bit flags');
    return this.uint(value >>> 0);
  }

  int64(value: Int64): this {
    const wide = toBigInt(value);
    if (wide < INT64_MIN || wide > INT64_MAX) throw outOfRange(value, 'a 64-bit signed integer');
    const at = this.#grow(8);
    this.#bytes.writeBigInt64BE(wide, at);
    return this;
  }

  uint64(value: Int64): this {
    const wide = toBigInt(value);
    if (wide < 0n || wide > UINT64_MAX) throw outOfRange(value, 'a 64-bit unsigned integer');
    const at = this.#grow(8);
    this.#bytes.writeBigUInt64BE(wide, at);
    return this;
  }

  double(value: number): this {
    const at = this.#grow(8);
    this.#bytes.writeDoubleBE(value, at);
    return this;
  }

  fixedOpaque(bytes: Uint8Array): this {
    const padded = (bytes.length + 3) & ~3;
    const at = this.#grow(padded);
    this.#bytes.set(bytes, at);
    this.#bytes.fill(0, at + bytes.length, at + padded);
    return this;
  }

  string(value: string, maxBytes: number): this {
    const bytes = Buffer.from(value, 'utf8');
    if (bytes.length > maxBytes)
      throw new RangeError(`a string of ${bytes.length} bytes; libvirt takes at most ${maxBytes}`);
    return this.uint(bytes.length).fixedOpaque(bytes);
  }

  optional<T>(value: T | null | undefined, write: (writer: this, value: T) => void): this {
    if (value === null || value === undefined) return this.uint(0);
    this.uint(1);
    write(this, value);
    return this;
  }

  array<T>(items: readonly T[], maxCount: number, write: (writer: this, item: T) => void): this {
    if (items.length > maxCount) throw new RangeError(`${items.length} elements; libvirt takes at most ${maxCount}`);
    this.uint(items.length);
    for (const item of items) write(this, item);
    return this;
  }

  /** The bytes written so far; shares memory with the writer. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(length: number): number {
    const at = this.#length;
    const needed = at + length;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    this.#length = needed;
    return at;
  }
}

function toBigInt(value: Int64): bigint {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw outOfRange(value, 'an exact integer; give a bigint');
  return BigInt(value);
}

function outOfRange(value: Int64, what: string): RangeError {
  return new RangeError(`${value} is not ${what}`);
}
