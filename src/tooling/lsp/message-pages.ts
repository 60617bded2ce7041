import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ClientCapabilities } from 'vscode-languageserver';
import type { Diagnostic } from '../../policy/index.ts';

/** The address of the page about a message, for the editor to open; null if there is none. */
export type MessagePage = (code: Diagnostic['code']) => string | null;

/**
 * The pages for an editor that can open them.
 * @param folder the folder of the installed pages; null if they are not installed
 */
export function messagePages({ textDocument }: ClientCapabilities, folder: string | null): MessagePage {
  if (folder === null || textDocument?.publishDiagnostics?.codeDescriptionSupport !== true) return () => null;
  return (code) => pathToFileURL(join(folder, `${code}.md`)).href;
}
