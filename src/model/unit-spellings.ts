/** Common spellings of units of size, in lower case, and the unit meant. */
export const SIZE_SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['b', 'bytes'],
  ['byte', 'bytes'],
  ['k', 'KiB'],
  ['kb', 'KiB'],
  ['kib', 'KiB'],
  ['m', 'MiB'],
  ['mb', 'MiB'],
  ['mib', 'MiB'],
  ['g', 'GiB'],
  ['gb', 'GiB'],
  ['gib', 'GiB'],
  ['t', 'TiB'],
  ['tb', 'TiB'],
  ['tib', 'TiB'],
]);

/** The same for units of time. */
export const TIME_SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['usec', 'us'],
  ['msec', 'ms'],
  ['millis', 'ms'],
  ['milliseconds', 'ms'],
  ['sec', 's'],
  ['secs', 's'],
  ['second', 's'],
  ['seconds', 's'],
  ['m', 'min'],
  ['mins', 'min'],
  ['minute', 'min'],
  ['minutes', 'min'],
  ['hr', 'h'],
  ['hrs', 'h'],
  ['hour', 'h'],
  ['hours', 'h'],
  ['day', 'd'],
  ['days', 'd'],
]);
