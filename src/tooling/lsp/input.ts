import type { Readable } from 'node:stream';
import { StreamMessageReader } from 'vscode-languageserver/node';
import { unreadable } from '../../model/file-errors.ts';

/** What each message begins with. */
const HEADER = 'content-';

/** How much of a wrong beginning is shown. */
const SHOWN = 40;

export interface InputEvents {
  /** A message that is none; the next may be right. */
  readonly onWrong: (what: string) => void;
  /** Where the next message begins cannot be known any more. */
  readonly onBroken: (what: string) => void;
}

/** Reads messages of the protocol. It begins when it is listened to, which has to be at once. */
export function messagesFrom(input: Readable, { onWrong, onBroken }: InputEvents): StreamMessageReader {
  const reader = new StreamMessageReader(input);
  // The timer for messages that do not come to their end starts anew by itself, and keeps the process when the input has ended.
  reader.partialMessageTimeout = 0;
  // Before the reader looks: it waits without end for a header that does not come.
  input.once('data', (chunk: Buffer) => {
    const text = chunk.subarray(0, SHOWN).toString('utf8');
    if (!HEADER.startsWith(text.slice(0, HEADER.length).toLowerCase())) {
      onBroken(
        `standard input is not the language server protocol: it begins with ${JSON.stringify(text)} instead of Content-Length; "ballast lsp" must be started by an editor`,
      );
    }
  });
  reader.onError((error) => {
    if (error instanceof SyntaxError) onWrong(`a message on standard input is not JSON: ${error.message}`);
    else if ('code' in error) onBroken(`standard input cannot be read: ${unreadable(error)}`);
    else onBroken('standard input is no longer the language server protocol: a message has no valid Content-Length');
  });
  return reader;
}
