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
 * The one layout of a policy: it depends on its words, comments and blank lines, not on how they stood. Numbers, texts
 * and comments stay as they are written. A text with errors has no layout: then it answers these.
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
