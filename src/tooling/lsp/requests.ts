import {
  LSPErrorCodes,
  MarkupKind,
  ResponseError,
  type ClientCapabilities,
  type createConnection,
  type TextDocumentPositionParams,
} from 'vscode-languageserver';
import {
  codeActions,
  completions,
  definitions,
  formatting,
  hover,
  outline,
  references,
  renamable,
  rename,
  signatureHelp,
} from '../language-service/index.ts';
import { toCodeAction, toCompletion, toSignatureHelp, toSymbol } from './convert.ts';
import type { MessagePage } from './message-pages.ts';
import { fileOf, type View } from './workspace.ts';

/** What answers to requests need. */
export interface Serving {
  readonly connection: ReturnType<typeof createConnection>;
  /** The current program of a document. */
  readonly view: (uri: string) => Promise<View>;
  readonly client: () => ClientCapabilities;
  /** The pages about messages that this editor can open. */
  readonly pageOf: MessagePage;
  /** Reports a defect. */
  readonly failed: (error: unknown) => void;
}

/** Runs a request on the current program of a document; a defect is logged with its stack and returned as an error. */
export async function answer<T>(
  { view, failed }: Serving,
  uri: string,
  work: (view: View, file: string) => T,
): Promise<T> {
  try {
    return work(await view(uri), fileOf(uri));
  } catch (error) {
    if (!(error instanceof ResponseError)) failed(error);
    throw error;
  }
}

/** Answers what an editor asks about a place in a text, and about changes of the text. */
export function serveRequests(serving: Serving): void {
  const { connection, client, pageOf } = serving;
  const from = <T>(uri: string, work: (view: View, file: string) => T): Promise<T> => answer(serving, uri, work);
  const at = <T>(
    { textDocument, position }: TextDocumentPositionParams,
    work: (view: View, file: string, offset: number) => T,
  ): Promise<T> => from(textDocument.uri, (view, file) => work(view, file, view.offset(file, position)));

  connection.onHover((params) =>
    at(params, (view, file, offset) => {
      const found = hover(view.program, file, offset);
      return (
        found && { contents: { kind: MarkupKind.Markdown, value: found.markdown }, range: view.range(found.place) }
      );
    }),
  );
  connection.onCompletion((params) =>
    at(params, (view, file, offset) => {
      const snippets = client().textDocument?.completion?.completionItem?.snippetSupport === true;
      return completions(view.program, file, offset).map((item, order) => toCompletion(view, item, order, snippets));
    }),
  );
  connection.onSignatureHelp((params) =>
    at(params, (view, file, offset) => {
      const help = signatureHelp(view.program, file, offset);
      return help && toSignatureHelp(help);
    }),
  );
  connection.onDefinition((params) =>
    at(params, (view, file, offset) => definitions(view.program, file, offset).map((place) => view.location(place))),
  );
  connection.onReferences((params) =>
    at(params, (view, file, offset) =>
      references(view.program, file, offset, params.context.includeDeclaration).map((place) => view.location(place)),
    ),
  );
  connection.onDocumentHighlight((params) =>
    at(params, (view, file, offset) =>
      references(view.program, file, offset)
        .filter((place) => place.file === file)
        .map((place) => ({ range: view.range(place) })),
    ),
  );
  connection.onDocumentSymbol(({ textDocument }) =>
    from(textDocument.uri, (view, file) => outline(view.program, file).map((item) => toSymbol(view, item))),
  );
  connection.onDocumentFormatting(({ textDocument }) =>
    from(textDocument.uri, (view, file) => {
      const edit = formatting(view.program, file);
      return edit ? [view.textEdit(edit)] : [];
    }),
  );
  connection.onPrepareRename((params) =>
    at(params, (view, file, offset) => {
      const found = renamable(view.program, file, offset);
      if ('refused' in found) throw new ResponseError(LSPErrorCodes.RequestFailed, found.refused);
      return view.range(found);
    }),
  );
  connection.onRenameRequest((params) =>
    at(params, (view, file, offset) => {
      const edits = rename(view.program, file, offset, params.newName);
      if ('refused' in edits) throw new ResponseError(LSPErrorCodes.RequestFailed, edits.refused);
      return view.workspaceEdit(edits);
    }),
  );
  connection.onCodeAction(({ textDocument, range }) =>
    from(textDocument.uri, (view, file) =>
      codeActions(view.program, file, view.offset(file, range.start), view.offset(file, range.end)).map((action) =>
        toCodeAction(view, action, pageOf),
      ),
    ),
  );
}
