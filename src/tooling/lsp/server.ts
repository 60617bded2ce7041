import type { Readable, Writable } from 'node:stream';
import {
  CodeActionKind,
  createConnection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  LSPErrorCodes,
  MarkupKind,
  MessageType,
  ProposedFeatures,
  ResponseError,
  ShowMessageNotification,
  TextDocuments,
  TextDocumentSyncKind,
  type ClientCapabilities,
  type InitializeResult,
  type TextDocumentPositionParams,
  type WatchDog,
} from 'vscode-languageserver';
import { createProtocolConnection, StreamMessageWriter } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
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
import { messagesFrom } from './input.ts';
import type { EditorConfig, ReadEditorConfig } from './editor-config.ts';
import { messagePages, type MessagePage } from './message-pages.ts';
import { programsFrom, type Files } from './programs.ts';
import { Publisher } from './publisher.ts';
import { fileOf, pathOf, Workspace, type View } from './workspace.ts';

export interface ServerOptions {
  readonly readConfig: ReadEditorConfig;
  readonly input: Readable;
  readonly output: Writable;
  readonly version: string;
  readonly files: Files;
  /** The folder of the pages about messages; null: they are not installed. */
  readonly pages: string | null;
  /** Stops the server. */
  readonly stop: AbortSignal;
  /** Whether a process is running. */
  readonly isAlive: (pid: number) => boolean;
  /** Reports defects and invalid input: the editor shows the line in its server output. */
  readonly log: (line: string) => void;
}

/** Interval of checks whether the editor is running and whether the config has changed, milliseconds. */
const WATCH_MS = 3_000;

/** Serves one editor until it exits. Returns the exit code: 0 after an orderly shutdown. */
export function serve(options: ServerOptions): Promise<number> {
  const { input, output, stop } = options;
  return new Promise((resolve) => {
    let editorWatch: NodeJS.Timeout | null = null;
    let hasExited = false;
    const exit = (code: number): void => {
      if (hasExited) return;
      hasExited = true;
      if (editorWatch) clearInterval(editorWatch);
      clearInterval(configWatch);
      publisher.stop();
      connection.dispose();
      input.destroy();
      resolve(code);
    };
    const watchDog: WatchDog = {
      shutdownReceived: false,
      initialize: ({ processId }) => {
        if (processId === null) return;
        editorWatch = setInterval(() => {
          if (!options.isAlive(processId)) exit(watchDog.shutdownReceived ? 0 : 1);
        }, WATCH_MS);
      },
      exit,
    };
    const messages = messagesFrom(input, {
      onInvalid: options.log,
      onBroken: (what) => {
        if (!hasExited) options.log(what);
        exit(1);
      },
    });
    const connection = createConnection(
      (logger) => createProtocolConnection(messages, new StreamMessageWriter(output), logger),
      watchDog,
      ProposedFeatures.all,
    );
    const { publisher, workspace, failed } = registerHandlers(connection, options);
    const configWatch = setInterval(() => void workspace.renew().catch(failed), WATCH_MS);
    input.once('end', () => exit(watchDog.shutdownReceived ? 0 : 1));
    connection.listen();
    stop.addEventListener('abort', () => exit(0), { once: true });
    // Aborted before the start.
    if (stop.aborted) exit(0);
  });
}

type Connection = ReturnType<typeof createConnection>;

/** Registers the message handlers. */
function registerHandlers(connection: Connection, options: ServerOptions) {
  const documents = new TextDocuments(TextDocument);
  const failed = (error: unknown): void =>
    options.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  let lastWarning: string | null = null;
  const renewed = ({ warning }: EditorConfig): void => {
    if (warning !== null && warning !== lastWarning)
      connection
        .sendNotification(ShowMessageNotification.type, { type: MessageType.Warning, message: warning })
        .catch(failed);
    lastWarning = warning;
    publisher.schedule();
  };
  const workspace = new Workspace(
    { get: (uri) => documents.get(uri), all: () => documents.all() },
    options.files,
    options.readConfig,
    renewed,
  );
  const publisher = new Publisher(
    workspace,
    () => documents.keys(),
    (code) => pageOf(code),
    (params) => void connection.sendDiagnostics(params).catch(failed),
    failed,
  );
  let client: ClientCapabilities = {};
  let pageOf: MessagePage = () => null;
  let folders: readonly string[] = [];
  let initial: unknown = null;

  const changed = (): void => {
    workspace.changed();
    publisher.schedule();
  };
  const useSettings = (settings: unknown): void => {
    const programs = (settings as { readonly programs?: unknown } | null)?.programs;
    workspace.programs = programsFrom(programs, folders);
    changed();
  };
  const requestSettings = async (): Promise<void> => {
    const given: unknown =
      client.workspace?.configuration === true ? await connection.workspace.getConfiguration('ballast') : null;
    useSettings(given ?? initial);
  };

  connection.onInitialize(({ capabilities, workspaceFolders, initializationOptions }): InitializeResult => {
    client = capabilities;
    pageOf = messagePages(capabilities, options.pages);
    folders = (workspaceFolders ?? []).flatMap(({ uri }) => pathOf(uri) ?? []);
    initial = initializationOptions ?? null;
    return {
      serverInfo: { name: 'ballast', version: options.version },
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        hoverProvider: true,
        completionProvider: { triggerCharacters: ['.', '"', "'", '(', ':'] },
        signatureHelpProvider: { triggerCharacters: [' '] },
        definitionProvider: true,
        referencesProvider: true,
        documentHighlightProvider: true,
        documentSymbolProvider: true,
        documentFormattingProvider: true,
        renameProvider: { prepareProvider: true },
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
    };
  });

  const start = async (): Promise<void> => {
    await workspace.renew();
    if (client.workspace?.didChangeWatchedFiles?.dynamicRegistration === true) {
      await connection.client.register(DidChangeWatchedFilesNotification.type, {
        watchers: [{ globPattern: '**/*.{policy,rules}' }],
      });
    }
    if (client.workspace?.didChangeConfiguration?.dynamicRegistration === true) {
      await connection.client.register(DidChangeConfigurationNotification.type, { section: 'ballast' });
    }
    if (client.workspace?.workspaceFolders === true) {
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        const removedPaths = removed.flatMap(({ uri }) => pathOf(uri) ?? []);
        folders = [
          ...folders.filter((folder) => !removedPaths.includes(folder)),
          ...added.flatMap(({ uri }) => pathOf(uri) ?? []),
        ];
        requestSettings().catch(failed);
      });
    }
    await requestSettings();
  };
  connection.onInitialized(() => void start().catch(failed));

  connection.onDidChangeConfiguration(({ settings }) => {
    const given = (settings as { readonly ballast?: unknown } | null)?.ballast;
    if (given !== undefined && client.workspace?.configuration !== true) useSettings(given);
    else requestSettings().catch(failed);
  });
  connection.onDidChangeWatchedFiles(changed);
  documents.onDidChangeContent(changed);
  documents.onDidClose(changed);
  documents.onDidSave(changed);
  documents.listen(connection);

  /** Runs a request on the current program of a document; a defect is logged with its stack and returned as an error. */
  const from = async <T>(uri: string, work: (view: View, file: string) => T): Promise<T> => {
    try {
      return work(await workspace.view(uri), fileOf(uri));
    } catch (error) {
      if (!(error instanceof ResponseError)) failed(error);
      throw error;
    }
  };
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
      const snippets = client.textDocument?.completion?.completionItem?.snippetSupport === true;
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
  return { publisher, workspace, failed };
}
