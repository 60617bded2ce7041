import { commands, window, workspace, type ExtensionContext } from 'vscode';
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

/** Starts the language server. If the command is missing or does not start, the message names the setting for it. */
async function start(): Promise<void> {
  const settings = workspace.getConfiguration('ballast.server');
  const config = settings.get('config', '');
  const command = settings.get('path', 'ballast');
  const server: ServerOptions = {
    command,
    args: ['lsp', ...(config === '' ? [] : ['--config', config])],
  };
  const options: LanguageClientOptions = {
    documentSelector: [
      { scheme: 'file', language: 'ballast-policy' },
      { scheme: 'untitled', language: 'ballast-policy' },
    ],
  };
  client = new LanguageClient('ballast', 'Ballast', server, options);
  try {
    await client.start();
  } catch (error) {
    client = null;
    await reportMissing(command, error instanceof Error ? error.message : String(error));
  }
}

const OPEN = 'Open the setting';

async function reportMissing(command: string, why: string): Promise<void> {
  const chosen = await window.showErrorMessage(
    `The language server "${command} lsp" does not start: ${why}. Install Ballast, or set "ballast.server.path" to its command, such as /opt/ballast/bin/ballast. Colours work without it.`,
    OPEN,
  );
  if (chosen === OPEN) await commands.executeCommand('workbench.action.openSettings', 'ballast.server.path');
}
