import type { Vocabulary } from '../../model/vocabulary.ts';
import type { KeyPath } from '../../yaml/key-path.ts';

/** What to do about controls and guests directly under `expect`; null for other unknown keys. */
export function misplacedIn(vocabulary: Vocabulary): (path: KeyPath, key: string, value: unknown) => string | null {
  const scopes = new Map(vocabulary.controls.map(({ name, scope }) => [name, scope]));
  return (path, key, value) => {
    if (path.at(-1) !== 'expect') return null;
    const scope = scopes.get(key);
    if (scope === 'host') return `a control of the host belongs under host: {host: {${key}: …}}`;
    if (scope === 'guest') return `a control of a guest belongs under the guest's name: {guests: {NAME: {${key}: …}}}`;
    const isGuest =
      value === 'nothing' ||
      (typeof value === 'object' && value !== null && Object.keys(value).some((name) => scopes.has(name)));
    return isGuest ? `a guest belongs under guests: {guests: {${key}: …}}` : null;
  };
}
