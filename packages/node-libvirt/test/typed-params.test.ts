import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BLOCK_IO_TUNE_TYPES, fromTypedParams, SCHEDULER_TYPES, toTypedParams } from '../src/tuning.ts';
import { readTypedParams, writeTypedParams, type TypedParam } from '../src/typed-params.ts';
import { XdrError, XdrReader, XdrWriter } from '../src/xdr.ts';

const name = fc.string({ maxLength: 20 });
const canonical = (n: bigint): number | bigint => (Number.isSafeInteger(Number(n)) ? Number(n) : n);
const anyParam: fc.Arbitrary<TypedParam> = fc.oneof(
  fc.record({ name, type: fc.constant('int' as const), value: fc.integer() }),
  fc.record({ name, type: fc.constant('uint' as const), value: fc.nat() }),
  fc.record({
    name,
    type: fc.constant('llong' as const),
    value: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }).map(canonical),
  }),
  fc.record({
    name,
    type: fc.constant('ullong' as const),
    value: fc.bigInt({ min: 0n, max: (1n << 64n) - 2n }).map(canonical),
  }),
  fc.record({ name, type: fc.constant('double' as const), value: fc.double() }),
  fc.record({ name, type: fc.constant('boolean' as const), value: fc.boolean() }),
  fc.record({ name, type: fc.constant('string' as const), value: fc.string() }),
);

function encode(params: readonly TypedParam[], max = 1000): Buffer {
  const writer = new XdrWriter();
  writeTypedParams(writer, params, max);
  return writer.bytes();
}

test('reads back what was written', () => {
  fc.assert(
    fc.property(fc.array(anyParam, { maxLength: 20 }), (params) => {
      const reader = new XdrReader(encode(params));
      expect(readTypedParams(reader, 20)).toEqual(params);
      reader.end();
    }),
  );
});

test('skips values with all 64 bits set', () => {
  const params: TypedParam[] = [
    { name: 'none', type: 'ullong', value: (1n << 64n) - 1n },
    { name: 'large', type: 'ullong', value: (1n << 64n) - 2n },
    { name: 'minus one', type: 'llong', value: -1 },
  ];
  expect(readTypedParams(new XdrReader(encode(params)), 3)).toEqual(params.slice(1));
});

describe('hostile input', () => {
  test('rejects an unknown type', () => {
    const writer = new XdrWriter().uint(1).string('x', 10).int(8).uint(0);
    expect(() => readTypedParams(new XdrReader(writer.bytes()), 10)).toThrow('unknown type 8');
  });

  test('rejects every truncation', () => {
    const params: TypedParam[] = [
      { name: 'balloon.current', type: 'ullong', value: 524_288 },
      { name: 'x', type: 'string', value: 'abc' },
    ];
    const bytes = encode(params);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readTypedParams(new XdrReader(bytes.subarray(0, length)), 10)).toThrow(XdrError);
    }
  });

  test('returns a list or throws XdrError for changed and random bytes', () => {
    const read = (bytes: Buffer): void => {
      try {
        readTypedParams(new XdrReader(bytes), 100);
      } catch (error) {
        expect(error).toBeInstanceOf(XdrError);
      }
    };
    fc.assert(
      fc.property(fc.array(anyParam, { maxLength: 5 }), fc.nat(), fc.nat(255), (params, at, value) => {
        const bytes = Buffer.from(encode(params));
        bytes[at % bytes.length] = value;
        read(bytes);
      }),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => read(Buffer.from(bytes))));
  });
});

describe('parameters by name', () => {
  test('get the exact type', () => {
    expect(toTypedParams({ vcpu_quota: -1, vcpu_period: 100_000n, cpu_shares: undefined }, SCHEDULER_TYPES)).toEqual([
      { name: 'vcpu_quota', type: 'llong', value: -1 },
      { name: 'vcpu_period', type: 'ullong', value: 100_000n },
    ]);
    expect(toTypedParams({ group_name: 'g' }, BLOCK_IO_TUNE_TYPES)).toEqual([
      { name: 'group_name', type: 'string', value: 'g' },
    ]);
  });

  test('require a known type, or one given with the value', () => {
    expect(() => toTypedParams({ vcpu_qouta: 1 }, SCHEDULER_TYPES)).toThrow('"vcpu_qouta" has no known type');
    expect(() => toTypedParams({ toString: 1 }, SCHEDULER_TYPES)).toThrow(TypeError);
    const own: TypedParam[] = [{ name: 'new_one', type: 'uint', value: 1 }];
    expect(toTypedParams(own, SCHEDULER_TYPES)).toBe(own);
  });

  test('cannot set a prototype by a name from the server', () => {
    const values = fromTypedParams<Record<string, unknown>>([{ name: '__proto__', type: 'string', value: 'x' }]);
    expect(Object.keys(values)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});
