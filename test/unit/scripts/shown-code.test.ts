import { describe, expect, it } from 'vitest';
import { withCurrentCode } from '../../../scripts/shown-code.ts';

const FILE = 'docs/examples/rewritten/relief.policy';
const page = (code: string): string => `Text.\n\n<!-- paragraphs of: ${FILE} -->\n\`\`\`lisp\n${code}\`\`\`\n\nMore.\n`;

const LACKS = '(def lacks (vm) (- vm.balloon_max vm.balloon_cur))\n';
const TITLE =
  '# relief.policy: a guest in pain gets all of its memory back at once; those that feel least pay for it.\n';

describe('a block of paragraphs of a file', () => {
  it('stays as it is while it equals the file', () => {
    expect(withCurrentCode(page(`${TITLE}\n${LACKS}`))).toBe(page(`${TITLE}\n${LACKS}`));
  });

  it('is replaced, each paragraph by the one with its first line', () => {
    expect(withCurrentCode(page(`${LACKS}; old\n\n${TITLE}old\n`))).toBe(page(`${LACKS}\n${TITLE}`));
  });

  it('must begin as exactly one paragraph of the file does', () => {
    expect(() => withCurrentCode(page('(def lacks (vm) nil)\n'))).toThrow(
      `${FILE} has 0 paragraphs that begin with:\n(def lacks (vm) nil)`,
    );
  });
});
