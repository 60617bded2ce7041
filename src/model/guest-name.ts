import { escapeWord } from './text.ts';

/**
 * A guest's name for messages. Names are untrusted: anyone who can define a guest chooses its name. White space and
 * control characters are escaped (`a b` becomes `a\x20b`) and backslashes doubled, so that a name cannot start a new line
 * or shift the fields that scripts count in `Ballooning guest:NAME from … to …`. Ordinary names are unchanged.
 */
export function safeGuestName(name: string): string {
  return escapeWord(name);
}
