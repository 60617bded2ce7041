import type { KeyPath } from './yaml.ts';

/** `guests.balloon_min[0].min`; an empty key is `[""]`. */
export function keyName(path: KeyPath): string {
  return path.reduce<string>(
    (name, part) =>
      typeof part === 'number' || part === ''
        ? `${name}[${JSON.stringify(part)}]`
        : name === ''
          ? part
          : `${name}.${part}`,
    '',
  );
}
