import { describe, expect, it } from 'vitest';
import { builtinPlugins } from '../../../../src/compose/plugins.ts';
import { loadPolicy } from '../../../../src/policy/index.ts';

const { vocabulary } = builtinPlugins();

function found(text: string): string[] {
  return loadPolicy([{ file: 'p', text }], { vocabulary }).diagnostics.map(
    ({ position, code }) => `${position?.line}:${position?.column} ${code}`,
  );
}

describe('an allow comment', () => {
  it('applies to its line', () => {
    expect(found('(> Host.swap_in 0)')).toEqual(['1:4 maybe-nil']);
    expect(found('(> Host.swap_in 0) # ballast: allow maybe-nil')).toEqual([]);
  });

  it('applies to the next line if it stands alone', () => {
    expect(found('# ballast: allow maybe-nil\n(> Host.swap_in 0)')).toEqual([]);
    expect(found('(debug 1) # ballast: allow maybe-nil\n(> Host.swap_in 0)')).toEqual([
      '1:28 unused-allow',
      '2:4 maybe-nil',
    ]);
    expect(found('# ballast: allow maybe-nil\n\n(> Host.swap_in 0)')).toEqual(['1:18 unused-allow', '3:4 maybe-nil']);
  });

  it('can name several codes', () => {
    expect(found('# ballast: allow maybe-nil, unit-mismatch\n(> Host.swap_in 30s)')).toEqual([]);
    expect(found('# ballast: allow maybe-nil\n(> Host.swap_in 30s)')).toEqual(['2:17 unit-mismatch']);
  });

  it('must name an existing code', () => {
    const { diagnostics } = loadPolicy([{ file: 'p', text: '(> Host.swap_in 0) # ballast: allow maybe-nul' }], {
      vocabulary,
    });
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'Host.swap_in may be nil, and > does not accept nil',
      'there is no warning "maybe-nul" to allow; did you mean "maybe-nil"?',
    ]);
  });

  it('does not suppress errors', () => {
    expect(found('(+ 1 "a") # ballast: allow wrong-type')).toEqual(['1:6 wrong-type', '1:28 unknown-allow']);
  });
});
