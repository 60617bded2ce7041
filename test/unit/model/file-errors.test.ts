import { describe, expect, it } from 'vitest';
import { unreadable, unwritable } from '../../../src/model/file-errors.ts';

const failure = (code: string) => Object.assign(new Error(`${code}: raw`), { code });

describe('what the system has against a file', () => {
  it.each([
    'ENOENT',
    'EACCES',
    'EPERM',
    'EISDIR',
    'ENOTDIR',
    'ELOOP',
    'ENAMETOOLONG',
    'EIO',
    'ENXIO',
    'EMFILE',
    'ENFILE',
    'ESTALE',
    'ESPIPE',
  ])('is said in words when reading: %s', (code) => {
    expect(unreadable(failure(code))).toMatch(/^(it|its|this|there|the)\b[^A-Z]+$/);
  });

  it.each([
    'ENOENT',
    'EACCES',
    'EPERM',
    'EISDIR',
    'ENOTDIR',
    'ELOOP',
    'ENAMETOOLONG',
    'EIO',
    'EROFS',
    'ENOSPC',
    'EDQUOT',
    'EMFILE',
    'EFBIG',
    'EEXIST',
  ])('is said in words when writing: %s', (code) => {
    expect(unwritable(failure(code))).toMatch(/^(it|its|this|something|the)\b[^A-Z]+$/);
  });

  it('stays as it is when nobody foresaw it, and is nothing when it is a bug', () => {
    expect(unreadable(failure('EPROTO'))).toBe('EPROTO: raw');
    expect(unreadable(new TypeError('bug'))).toBe(null);
    expect(unwritable(new TypeError('bug'))).toBe(null);
  });
});
