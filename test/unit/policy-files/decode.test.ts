import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePolicy } from '../../../src/policy-files/decode.ts';

const bytesOf = (text: string, encoding: BufferEncoding = 'utf8'): Uint8Array => Buffer.from(text, encoding);

/** The text if all of it is UTF-8 according to the platform. */
function strict(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** UTF-8 mixed with random bytes. */
const bytes = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.string({ unit: 'binary' }).map((text) => bytesOf(text)) },
      fc.uint8Array({ maxLength: 4 }),
      fc.constant(bytesOf('\ufffd')),
    ),
  )
  .map((parts) => Buffer.concat([bytesOf('# '), ...parts]));

describe('the bytes of a policy', () => {
  it('are its text if they are valid UTF-8, otherwise damaged at the first invalid byte', () => {
    fc.assert(
      fc.property(bytes, (policy) => {
        const { text, damage, byteOrderMark } = decodePolicy('p', policy);
        expect(byteOrderMark).toBe(false);
        if (damage === undefined) {
          expect(text).toBe(strict(policy));
          return;
        }
        expect(strict(policy)).toBeNull();
        if (damage.kind !== 'not-utf-8') throw new Error(`not expected here: ${damage.kind}`);
        // The text before the invalid byte consists of complete characters.
        const before = bytesOf(text.slice(0, damage.offset));
        expect(policy.subarray(0, before.length)).toEqual(before);
        expect(policy[before.length]).toBe(damage.byte);
        for (let length = 1; length <= 4; length += 1)
          expect(strict(policy.subarray(0, before.length + length))).toBeNull();
      }),
    );
  });

  it('may start with a byte order mark, which is not part of the text', () => {
    const marked = decodePolicy('p', bytesOf('\ufeff(a)'));
    expect(marked).toEqual({ file: 'p', text: '(a)', byteOrderMark: true });
    expect(decodePolicy('p', Buffer.concat([bytesOf('\ufeff# '), Uint8Array.of(0xe4)]))).toEqual({
      file: 'p',
      text: '# \ufffd',
      damage: { kind: 'not-utf-8', offset: 2, byte: 0xe4 },
      byteOrderMark: true,
    });
    expect(decodePolicy('p', bytesOf('\ufeff\ufeff')).text).toBe('\ufeff');
  });

  it.each([
    ['with a mark, little end first', bytesOf('\ufeff(a)', 'utf16le')],
    ['with a mark, big end first', Buffer.from(bytesOf('\ufeff(a)', 'utf16le')).swap16()],
    ['without a mark, little end first', bytesOf('(a)', 'utf16le')],
    ['without a mark, big end first', Buffer.from(bytesOf('(a)', 'utf16le')).swap16()],
  ])('may be UTF-16: %s', (_name, policy) => {
    expect(decodePolicy('p', policy).damage).toEqual({ kind: 'utf-16' });
  });

  it('may be empty', () => {
    expect(decodePolicy('p', new Uint8Array())).toEqual({ file: 'p', text: '', byteOrderMark: false });
  });
});
