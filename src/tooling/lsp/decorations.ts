import {
  FoldingRangeKind,
  MarkupKind,
  SemanticTokensBuilder,
  type FoldingRange,
  type InlayHint as LspInlayHint,
  type SemanticTokens,
  type ServerCapabilities,
} from 'vscode-languageserver';
import {
  foldings,
  inlayHints,
  semanticTokens,
  TOKEN_MODIFIERS,
  TOKEN_TYPES,
  type SemanticToken,
} from '../language-service/index.ts';
import { answer, type Serving } from './requests.ts';
import type { View } from './workspace.ts';

/** The capabilities that {@link serveDecorations} provides. */
export const DECORATIONS: ServerCapabilities = {
  semanticTokensProvider: {
    legend: { tokenTypes: [...TOKEN_TYPES], tokenModifiers: [...TOKEN_MODIFIERS] },
    full: true,
    range: true,
  },
  foldingRangeProvider: true,
  inlayHintProvider: true,
};

/** Folding ranges that an editor is given if it sets no limit. */
const MAX_FOLDINGS = 5_000;

/**
 * Answers what an editor asks to draw a text: colours, folding, hints.
 * @returns makes the editor ask for hints again
 */
export function serveDecorations(serving: Serving, showsHints: () => boolean): () => void {
  const { connection, client, failed } = serving;
  connection.languages.semanticTokens.on(({ textDocument }) =>
    answer(serving, textDocument.uri, (view, file) =>
      encoded(view, semanticTokens(view.program, file, 0, view.program.source(file).text.length)),
    ),
  );
  connection.languages.semanticTokens.onRange(({ textDocument, range }) =>
    answer(serving, textDocument.uri, (view, file) =>
      encoded(view, semanticTokens(view.program, file, view.offset(file, range.start), view.offset(file, range.end))),
    ),
  );
  connection.onFoldingRanges(({ textDocument }) =>
    answer(serving, textDocument.uri, (view, file): FoldingRange[] =>
      foldings(view.program, file)
        .slice(0, client().textDocument?.foldingRange?.rangeLimit ?? MAX_FOLDINGS)
        .map(({ kind, firstLine, lastLine }) => ({
          startLine: firstLine - 1,
          endLine: lastLine - 1,
          ...(kind === 'comment' && { kind: FoldingRangeKind.Comment }),
        })),
    ),
  );
  connection.languages.inlayHint.on(({ textDocument, range }) =>
    answer(serving, textDocument.uri, (view, file): LspInlayHint[] =>
      !showsHints()
        ? []
        : inlayHints(view.program, file, view.offset(file, range.start), view.offset(file, range.end)).map(
            ({ offset, label, tooltip }) => ({
              position: view.document(file).positionAt(offset),
              label,
              tooltip: { kind: MarkupKind.PlainText, value: tooltip },
              paddingLeft: true,
            }),
          ),
    ),
  );
  return () => {
    if (client().workspace?.inlayHint?.refreshSupport === true) connection.languages.inlayHint.refresh().catch(failed);
  };
}

function encoded(view: View, tokens: readonly SemanticToken[]): SemanticTokens {
  const builder = new SemanticTokensBuilder();
  for (const { type, modifiers, ...place } of tokens) {
    const { start, end } = view.range(place);
    const bits = modifiers.reduce((sum, modifier) => sum | (1 << TOKEN_MODIFIERS.indexOf(modifier)), 0);
    builder.push(start.line, start.character, end.character - start.character, TOKEN_TYPES.indexOf(type), bits);
  }
  return builder.build();
}
