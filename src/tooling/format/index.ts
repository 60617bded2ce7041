import { catalogue } from '../../policy/messages/catalogue.ts';
import { diagnostic, type Diagnostic } from '../../policy/messages/diagnostics.ts';
import { DEFAULT_LIMITS, type Limits } from '../../policy/limits/limits.ts';
import { parse } from '../../policy/parser/parser.ts';
import { SourceText, type PolicySource } from '../../policy/text/source.ts';
import { measure } from './measure.ts';
import { keepAllowedLines } from './allowed-lines.ts';
import { print } from './printer.ts';
import { settleTrailing } from './trailing.ts';
import { treeOf } from './tree.ts';

/**
 * Formats a policy. The result depends only on words, comments and blank lines, not on the original layout. Numbers, strings
 * and comments stay unchanged. For a text with errors, returns the errors.
 */
export function formatPolicy(
  source: PolicySource,
  changes: Partial<Limits> = {},
): { readonly text: string } | { readonly diagnostics: readonly Diagnostic[] } {
  const limits = { ...DEFAULT_LIMITS, ...changes };
  const text = new SourceText(source);
  const { file, diagnostics } = parse(text, limits);
  if (diagnostics.length > 0) return { diagnostics };
  const tree = treeOf(file);
  keepAllowedLines(tree, file.comments, text);
  settleTrailing(tree);
  measure(tree);
  const formatted = print(tree);
  if (formatted.length <= limits.sourceLength) return { text: formatted };
  return {
    diagnostics: [
      diagnostic(
        'parse',
        { source: text, start: 0, end: 0 },
        catalogue.formattedTooLong(formatted.length, limits.sourceLength),
      ),
    ],
  };
}
