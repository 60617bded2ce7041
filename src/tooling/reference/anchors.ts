/** The heading of a page and where a link to it leads. */
interface Heading {
  readonly text: string;
  readonly anchor: string;
}

/** The headings of a Markdown page with the anchors that GitHub and editors give them: a repeated one gets a number. */
export function headingsOf(lines: readonly string[]): readonly Heading[] {
  const seen = new Map<string, number>();
  return lines.flatMap((line) => {
    const text = /^#+ (.*)$/.exec(line)?.[1];
    if (text === undefined) return [];
    const plain = text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    const times = seen.get(plain) ?? 0;
    seen.set(plain, times + 1);
    return [{ text, anchor: times === 0 ? plain : `${plain}-${times}` }];
  });
}

/** What a row of a table is about; rows have no heading to link to. */
export type RowKind = 'field-host' | 'field-guest' | 'property-host' | 'property-guest' | 'control' | 'unit' | 'ending';

/** The anchor of a row: `field-host-mem_free`. */
export function rowAnchor(kind: RowKind, name: string): string {
  return `${kind}-${name.replaceAll('%', 'percent').replaceAll(/[^\w.-]/g, '-')}`;
}

/** The first cell of a row, with its anchor. */
export function anchored(kind: RowKind, name: string, text: string): string {
  return `<a id="${rowAnchor(kind, name)}"></a>${text}`;
}
