import type { Readable } from 'node:stream';
import { StreamMessageReader } from 'vscode-languageserver/node';
import { unreadable } from '../../model/file-errors.ts';

/** The start of every message. */
const HEADER = 'content-';

/** Characters of an invalid start that are shown. */
const SHOWN = 40;

export interface InputEvents {
  /** An invalid message; the next one can still be read. */
  readonly onInvalid: (what: string) => void;
  /** The start of the next message cannot be found any more. */
  readonly onBroken: (what: string) => void;
}

/** Reads protocol messages. Starts on `listen`, which must be called immediately. */
export function messagesFrom(input: Readable, { onInvalid, onBroken }: InputEvents): StreamMessageReader {
  const reader = new StreamMessageReader(input);
  // The timer for incomplete messages restarts itself and would keep the process alive after the input has ended.
  reader.partialMessageTimeout = 0;
  // Must run before the reader, which waits forever for a missing header.
  input.once('data', (chunk: Buffer) => {
    const text = chunk.subarray(0, SHOWN).toString('utf8');
    if (!HEADER.startsWith(text.slice(0, HEADER.length).toLowerCase())) {
      onBroken(
        `standard input is not the language server protocol: it begins with ${JSON.stringify(text)} instead of Content-Length; "ballast lsp" must be started by an editor`,
      );
    }
  });
  reader.onError((error) => {
    if (error instanceof SyntaxError) onInvalid(`a message on standard input is not JSON: ${error.message}`);
    else if ('code' in error) onBroken(`standard input cannot be read: ${unreadable(error)}`);
    else onBroken('standard input is no longer the language server protocol: a message has no valid Content-Length');
  });
  return reader;
}
