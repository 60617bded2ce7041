import { escapeWord } from './text.ts';

/**
 * A guest's name as messages show it. Whoever may define a guest chooses its name, so a name is untrusted text:
 * here it is one word without white space or control characters (`a b` is `a\x20b`, a backslash is doubled). It
 * cannot start a line of its own, and the fields that scripts count in `Ballooning guest:NAME from … to …` stay
 * where they are. An ordinary name is unchanged.
 */
export function safeGuestName(name: string): string {
  return escapeWord(name);
}
