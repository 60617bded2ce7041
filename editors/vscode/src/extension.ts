import { commands, workspace, type ExtensionContext } from 'vscode';
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from 'vscode-languageclient/node';

let client: LanguageClient | null = null;

export async function activate(context: ExtensionContext): Promise<void> {
  context.subscriptions.push(
    commands.registerCommand('ballast.restartServer', restart),
    workspace.onDidChangeConfiguration((event) =>
      event.affectsConfiguration('ballast.server') ? restart() : undefined,
    ),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  const stopping = client;
  client = null;
  await stopping?.stop();
}

async function restart(): Promise<void> {
  await deactivate();
  await start();
}

/** Starts the language server. The client itself shows an error if that fails. */
async function start(): Promise<void> {
  const settings = workspace.getConfiguration('ballast.server');
  const config = settings.get('config', '');
  const server: ServerOptions = {
    command: settings.get('path', 'ballast'),
    args: ['lsp', ...(config === '' ? [] : ['--config', config])],
  };
  const options: LanguageClientOptions = {
    documentSelector: [
      { scheme: 'file', language: 'ballast-policy' },
      { scheme: 'untitled', language: 'ballast-policy' },
    ],
  };
  client = new LanguageClient('ballast', 'Ballast', server, options);
  await client.start();
}
