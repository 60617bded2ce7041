import { escapeControls } from '../model/text.ts';

/** A piece of a page: text in which nothing is to be escaped any more. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template can have in it. Texts are escaped; null is nothing. */
export type Piece = Html | string | number | null | readonly Piece[];

/**
 * A piece of a page. Texts in it are foreign (names of guests, reasons of policies): they are escaped for elements and for attributes
 * in quotes, and characters that could reorder or disguise text are made visible.
 */
export function html(template: TemplateStringsArray, ...values: readonly Piece[]): Html {
  const [first = '', ...others] = squeezed(template);
  return new Html(others.reduce((text, part, at) => `${text}${textOf(values[at] ?? null)}${part}`, first));
}

/** The own text of each template without the indentation that makes its source readable. */
const templates = new WeakMap<TemplateStringsArray, readonly string[]>();

function squeezed(template: TemplateStringsArray): readonly string[] {
  const known = templates.get(template);
  if (known !== undefined) return known;
  const parts = template.map((part) => {
    const lines = part.split('\n');
    const last = lines.length - 1;
    return lines
      .map((line, at) => (at === 0 ? line : line.trimStart()))
      .map((line, at) => (at === last ? line : line.trimEnd()))
      .join('\n');
  });
  templates.set(template, parts);
  return parts;
}

function textOf(piece: Piece): string {
  if (piece === null) return '';
  if (piece instanceof Html) return piece.text;
  if (typeof piece === 'number') return String(piece);
  return typeof piece === 'string' ? escaped(piece) : piece.map(textOf).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
};

function escaped(text: string): string {
  return escapeControls(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
