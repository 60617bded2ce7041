import type { Diagnostic } from '../../../policy/index.ts';
import type { ListNode, Node } from '../../../policy/text/ast.ts';
import { spanText, type SourceText } from '../../../policy/text/source.ts';
import { trailing } from '../../../support/trailing.ts';
import type { Edit, PolicyProgram } from '../program.ts';

/** A message in its text. */
export interface Site {
  readonly program: PolicyProgram;
  readonly diagnostic: Diagnostic;
  readonly source: SourceText;
  readonly start: number;
  readonly end: number;
  /** The part of the text with exactly this range. */
  readonly node: Node | null;
  /** The lists around it, the innermost first. */
  readonly around: readonly ListNode[];
}

/** A change that may cure a message. */
export interface Proposal {
  readonly title: string;
  readonly edits: readonly Edit[];
}

/** Proposes changes of one kind, the likeliest first; the first one that cures the message is offered. */
export type Cure = (site: Site) => readonly Proposal[];

type Range = Pick<Site, 'start' | 'end'>;

/** null: the message has no place. */
export function siteOf(program: PolicyProgram, diagnostic: Diagnostic): Site | null {
  const { position, span } = diagnostic;
  if (!position || !span) return null;
  const source = program.source(position.file);
  const around: ListNode[] = [];
  let node: Node | null = null;
  let level: readonly Node[] = program.analysis.files.find((each) => each.span.source === source)?.expressions ?? [];
  for (let inner: Node | undefined; (inner = level.find((each) => covers(each.span, span)));) {
    if (inner.span.start === span.start && inner.span.end === span.end) {
      node = inner;
      break;
    }
    if (inner.kind !== 'list') break;
    around.unshift(inner);
    level = inner.items;
  }
  return { program, diagnostic, source, start: span.start, end: span.end, node, around };
}

function covers(outer: Range, inner: Range): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

export const textOf = (node: Node): string => spanText(node.span);

/** The word at the start of a list. */
export function headOf(list: Node | null | undefined): string | null {
  const head = list?.kind === 'list' ? list.items[0] : undefined;
  return head?.kind === 'symbol' || head?.kind === 'operator' ? textOf(head) : null;
}

/** The list around a message and the place of its part in it. */
export function parentOf({ node, around: [parent] }: Site): { readonly items: readonly Node[]; readonly at: number } {
  const items = parent?.items ?? [];
  return { items, at: node === null ? -1 : items.indexOf(node) };
}

/** From the first to the last of some parts. */
export function rangeOf(first: Node, last: Node = first): Range {
  return { start: first.span.start, end: last.span.end };
}

export function edit({ source }: Site, { start, end }: Range, text: string): Edit {
  return { file: source.file, start, end, text };
}

/** Parts of a title are not longer, characters. */
const LONGEST = 40;

/** Space before a part is removed up to this length, characters. */
const LONGEST_INDENT = 200;

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

/** Replaces a part of the text. */
export function change(site: Site, range: Range, text: string): Proposal {
  const before = site.source.text.slice(range.start, range.end);
  return { title: `Change ${short(before)} to ${short(text)}`, edits: [edit(site, range, text)] };
}

/** Removes a part of the text with the space before it, and its lines if nothing else is on them. */
export function remove(site: Site, { start, end }: Range): Proposal {
  const { text } = site.source;
  const title = `Remove ${short(text.slice(start, end))}`;
  const indent = trailing(text.slice(Math.max(0, start - LONGEST_INDENT), start), /[ \t]/);
  const from = start - indent.length;
  const [behind = ''] = /^[ \t]*(?:\r\n|\r|\n|$)/.exec(text.slice(end)) ?? [];
  const lineEnd = /\r\n$|\r$|\n$/.exec(text.slice(Math.max(0, from - 2), from))?.[0] ?? '';
  const before = lineEnd === '' ? '' : trailing(text.slice(0, from - lineEnd.length), /[^\r\n]/);
  const isAtStart = lineEnd !== '' || from === 0;
  const isWhole = isAtStart && (behind !== '' || end === text.length);
  // What follows joins the line before, unless that ends with a comment.
  const joins = isAtStart && !isWhole && !before.includes('#');
  return {
    title,
    edits: [edit(site, { start: joins ? from - lineEnd.length : from, end: isWhole ? end + behind.length : end }, '')],
  };
}

export function insert(site: Site, at: number, text: string): Proposal {
  return { title: `Insert ${short(text)}`, edits: [edit(site, { start: at, end: at }, text)] };
}

/** Exchanges two parts of a list. */
export function swap(site: Site, a: Node, b: Node): Proposal {
  return {
    title: `Exchange ${short(textOf(a))} and ${short(textOf(b))}`,
    edits: [edit(site, rangeOf(a), textOf(b)), edit(site, rangeOf(b), textOf(a))],
  };
}
