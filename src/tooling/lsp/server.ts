import type { Readable, Writable } from 'node:stream';
import {
  CodeActionKind,
  createConnection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  MessageType,
  ProposedFeatures,
  ShowMessageNotification,
  TextDocuments,
  TextDocumentSyncKind,
  type ClientCapabilities,
  type InitializeResult,
  type WatchDog,
} from 'vscode-languageserver';
import { createProtocolConnection, StreamMessageWriter } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { DECORATIONS, serveDecorations } from './decorations.ts';
import { messagesFrom } from './input.ts';
import type { EditorConfig, ReadEditorConfig } from './editor-config.ts';
import { messagePages, type MessagePage } from './message-pages.ts';
import { programsFrom, type Files } from './programs.ts';
import { Publisher } from './publisher.ts';
import { serveRequests, type Serving } from './requests.ts';
import { pathOf, Workspace } from './workspace.ts';

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
    refreshHints();
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
  const serving: Serving = {
    connection,
    failed,
    view: (uri) => workspace.view(uri),
    client: () => client,
    pageOf: (code) => pageOf(code),
  };
  let folders: readonly string[] = [];
  let initial: unknown = null;
  /** The setting `ballast.inlayHints`. */
  let showsHints = true;
  const refreshHints = serveDecorations(serving, () => showsHints);

  const changed = (): void => {
    workspace.changed();
    publisher.schedule();
  };
  const useSettings = (settings: unknown): void => {
    const { programs, inlayHints } = (settings ?? {}) as { readonly programs?: unknown; readonly inlayHints?: unknown };
    workspace.programs = programsFrom(programs, folders);
    showsHints = inlayHints !== false;
    changed();
    refreshHints();
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
        ...DECORATIONS,
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

  serveRequests(serving);
  return { publisher, workspace, failed };
}
