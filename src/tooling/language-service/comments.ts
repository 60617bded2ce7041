import type { Analysis } from '../../policy/forms/analysis.ts';
import type { Definition } from '../../policy/forms/occurrence.ts';

/** The author's description of a definition: the comment lines directly above it and the comment at the end of its last line. */
export function commentOf(analysis: Analysis, { form }: Definition): string | null {
  const { source } = form.span;
  const comments = analysis.files.find(({ span }) => span.source === source)?.comments ?? [];
  const lines = new Map(
    comments.map(({ span, text }) => [source.positionAt(span.start).line, { start: span.start, text }]),
  );
  const above: string[] = [];
  for (let line = source.positionAt(form.span.start).line - 1; ; line -= 1) {
    const comment = lines.get(line);
    // A comment after code on its line describes that code.
    if (!comment || !source.line(line).trimStart().startsWith('#')) break;
    above.unshift(comment.text);
  }
  const behind = lines.get(source.positionAt(form.span.end).line);
  const all = [...above, ...(behind && behind.start >= form.span.end ? [behind.text] : [])];
  const description = all.filter((text) => !/^#\s*ballast:/.test(text)).map((text) => text.replace(/^#+ ?/, ''));
  return description.length > 0 ? description.join('\n') : null;
}
