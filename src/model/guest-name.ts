import { escapeWord } from './text.ts';

/**
 * A guest's name for messages. Names are untrusted: anyone who can define a guest chooses its name. White space and
 * control characters are escaped (`a b` becomes `a\x20b`) and backslashes doubled, so that a name cannot start a new line
 * or shift the fields that scripts count in `Ballooning guest:NAME from … to …`. Ordinary names are unchanged.
 */
export function safeGuestName(name: string): string {
  return escapeWord(name);
}

/**
 * Which guest a user means by a name or a UUID. The UUID comes first, as in virsh: who may define guests can name one like the UUID of
 * another one, and must not have it paused or shown in its place.
 * @param among the guests that can be meant
 */
export function guestMeant(
  wanted: string,
  among: Iterable<{ readonly uuid: string } | null>,
): (guest: { readonly name: string; readonly uuid: string }) => boolean {
  for (const guest of among) if (guest?.uuid === wanted) return ({ uuid }) => uuid === wanted;
  return ({ name }) => name === wanted;
}
