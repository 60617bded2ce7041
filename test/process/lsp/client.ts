import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type ClientCapabilities,
  type Diagnostic,
  type InitializeResult,
  type Position,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type TextEdit,
} from 'vscode-languageserver-protocol/node';
import { BALLAST } from '../../support/ballast.ts';

export interface ClientOptions {
  readonly args?: readonly string[];
  readonly folder?: string;
  readonly processId?: number | null;
  readonly capabilities?: ClientCapabilities;
  readonly initializationOptions?: unknown;
  /** The reply to `workspace/configuration` for the section `ballast`. */
  readonly settings?: unknown;
  readonly command?: string;
}

/** An editor: starts `ballast lsp` and communicates with it over standard input and output. */
export class Client {
  readonly connection: ProtocolConnection;
  readonly server: InitializeResult;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #exit: Promise<number | null>;
  readonly #published: PublishDiagnosticsParams[] = [];
  readonly #watchers = new Set<() => void>();
  readonly messages: string[] = [];
  stderr = '';

  static async start(options: ClientOptions = {}): Promise<Client> {
    const child = spawn(options.command ?? BALLAST, ['lsp', ...(options.args ?? [])]);
    const connection = createProtocolConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    connection.onRequest('workspace/configuration', ({ items }: { items: { section: string }[] }) =>
      items.map(({ section }) => (section === 'ballast' ? (options.settings ?? null) : null)),
    );
    connection.onRequest('client/registerCapability', () => null);
    connection.listen();
    const server: InitializeResult = await connection.sendRequest('initialize', {
      processId: options.processId === undefined ? process.pid : options.processId,
      rootUri: null,
      workspaceFolders:
        options.folder === undefined ? null : [{ uri: pathToFileURL(options.folder).href, name: 'folder' }],
      capabilities: options.capabilities ?? {
        workspace: { configuration: options.settings !== undefined },
        textDocument: { completion: { completionItem: { snippetSupport: true } } },
      },
      ...(options.initializationOptions !== undefined && { initializationOptions: options.initializationOptions }),
    });
    const client = new Client(child, connection, server);
    await connection.sendNotification('initialized', {});
    return client;
  }

  private constructor(child: ChildProcessWithoutNullStreams, connection: ProtocolConnection, server: InitializeResult) {
    this.#child = child;
    this.connection = connection;
    this.server = server;
    this.#exit = once(child, 'exit').then(([code]) => code as number | null);
    child.stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      this.#published.push(params);
      for (const check of [...this.#watchers]) check();
    });
    connection.onNotification(
      'window/showMessage',
      ({ message }: { message: string }) => void this.messages.push(message),
    );
    const kill = (): void => void child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
  }

  request<T>(method: string, params: object): Promise<T> {
    return this.connection.sendRequest(method, params);
  }

  open(uri: string, text: string): Promise<void> {
    return this.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'ballast-policy', version: 1, text },
    });
  }

  change(uri: string, version: number, contentChanges: readonly object[]): Promise<void> {
    return this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges,
    });
  }

  close(uri: string): Promise<void> {
    return this.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  }

  /** The last diagnostics of a file if they match, otherwise the next ones that do. */
  diagnostics(
    uri: string,
    matches: (params: PublishDiagnosticsParams) => boolean = () => true,
  ): Promise<readonly Diagnostic[]> {
    return new Promise((resolve, reject) => {
      const timeout = setTimeout(() => {
        this.#watchers.delete(check);
        reject(
          new Error(
            `no such diagnostics of ${uri}; there were ${JSON.stringify(this.#published)}; standard error: ${this.stderr}`,
          ),
        );
      }, 30_000);
      const check = (): void => {
        const last = this.#published.findLast((params) => params.uri === uri);
        if (!last || !matches(last)) return;
        clearTimeout(timeout);
        this.#watchers.delete(check);
        resolve(last.diagnostics);
      };
      this.#watchers.add(check);
      check();
    });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  endInput(): void {
    this.#child.stdin.end();
  }

  exitCode(): Promise<number | null> {
    return this.#exit;
  }

  /** Shuts down the server as an editor does. Resolves to the exit code. */
  async stop(): Promise<number | null> {
    await this.connection.sendRequest('shutdown');
    await this.connection.sendNotification('exit');
    const code = await this.#exit;
    this.connection.dispose();
    return code;
  }
}

/** The position of the first occurrence of `part`, moved by `plus` characters. */
export function positionOf(text: string, part: string, plus = 0): Position {
  const at = text.indexOf(part);
  if (at === -1) throw new Error(`no ${part} in the text`);
  const before = text.slice(0, at + plus);
  return { line: before.split('\n').length - 1, character: at + plus - (before.lastIndexOf('\n') + 1) };
}

/** Applies edits of the protocol to a text. */
export function edited(text: string, edits: readonly TextEdit[]): string {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const offset = ({ line, character }: Position): number => (starts[line] as number) + character;
  return [...edits]
    .sort((a, b) => offset(b.range.start) - offset(a.range.start))
    .reduce(
      (now, { range, newText }) => now.slice(0, offset(range.start)) + newText + now.slice(offset(range.end)),
      text,
    );
}

export function fileUri(path: string): string {
  return pathToFileURL(path).href;
}

export function readText(path: string): string {
  return readFileSync(path, 'utf8');
}
