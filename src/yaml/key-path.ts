/** The path of a value from the root of a file: `['guests', 'balloon_min', 0, 'min']`. */
export type KeyPath = readonly (string | number)[];

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
