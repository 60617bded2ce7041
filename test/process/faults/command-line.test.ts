import { describe, expect, test } from 'vitest';
import { fails } from './support.ts';

describe('the command line', () => {
  test.each([
    [['frobnicate'], "error: unknown command 'frobnicate'"],
    [['run', '--frobnicate'], "error: unknown option '--frobnicate'"],
    [['replay'], "error: missing required argument 'file'"],
    [
      ['run', '--log-level', 'loud'],
      "error: option '--log-level <level>' argument 'loud' is invalid. Allowed choices are debug, info, warn, error.",
    ],
  ])('%j', async (args, message) => {
    expect(await fails(args, 2)).toEqual([message, '(see --help)']);
  });
});
