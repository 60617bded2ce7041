import type { Definition } from '../../../policy/forms/occurrence.ts';
import type { Node } from '../../../policy/text/ast.ts';
import { rename } from '../rename.ts';
import { change, edit, rangeOf, remove, textOf, type Cure, type Site } from './site.ts';

// Cures for names that are not used, or used twice.

/** The definition whose name a message marks. */
function definitionAt({ program, source, start, end }: Site): Definition | undefined {
  return program.analysis.definitions.find(
    ({ span }) => span.source.file === source.file && span.start === start && span.end === end,
  );
}

/** Whether a config may name it. */
function isGiven({ program }: Site, { kind, name }: Definition): boolean {
  return kind === 'param' && program.overrides.some((each) => each.name === name);
}

/** `_name`, in all places. */
export const underscore: Cure = (site) => {
  const definition = definitionAt(site);
  if (!definition || isGiven(site, definition)) return [];
  const { name } = definition;
  const edits = rename(site.program, site.source.file, site.start, `_${name}`);
  return 'refused' in edits ? [] : [{ title: `Rename ${name} to _${name}`, edits }];
};

/** A definition of the top level that nothing else names, with its comments. */
export const removeDefinition: Cure = (site) => {
  const definition = definitionAt(site);
  if (!definition || definition.scope !== null || isGiven(site, definition)) return [];
  const { analysis } = site.program;
  const { kind, name, form } = definition;
  const mentions = analysis.occurrencesOf(kind === 'function' ? 'function' : 'variable', name);
  const isAlone = mentions.every(({ span }) => span.start >= form.span.start && span.end <= form.span.end);
  const isTop = analysis.files.some(({ expressions }) => expressions.includes(form));
  // A value that is computed may do something.
  const isPlain =
    kind !== 'defvar' || definition.value?.kind !== 'list' || !/\.(?:Control|SetVar)\b/.test(textOf(form));
  if (!isAlone || !isTop || !isPlain) return [];
  const [comment = ''] = /^[ \t]*#[^\r\n]*/.exec(site.source.text.slice(form.span.end)) ?? [];
  const range = { start: commentsAbove(site, form), end: form.span.end + comment.length };
  return [{ ...remove(site, range), title: `Remove ${name}` }];
};

/** Where the comment lines directly above a form begin, or the form. Those at the start of a file are about the file. */
function commentsAbove({ source }: Site, { span: { start } }: Node): number {
  const own = source.positionAt(start).line;
  let line = own;
  while (
    line > 1 &&
    source
      .line(line - 1)
      .trimStart()
      .startsWith('#')
  )
    line -= 1;
  return line === 1 || line === own ? start : source.lineStart(line);
}

/** Another name for a timer: the first free one of `low-2`, `low-3` … */
export const otherTimer: Cure = (site) => {
  const { node, source } = site;
  if (node?.kind !== 'text' || !/^[\w .-]{1,60}$/.test(node.value)) return [];
  const quote = source.text.charAt(node.span.start);
  const texts = site.program.sources.map(({ text }) => text);
  for (let number = 2; number < 100; number += 1) {
    const name = `${node.value}-${number}`;
    if (!texts.some((text) => text.includes(`"${name}"`) || text.includes(`'${name}'`)))
      return [change(site, rangeOf(node), `${quote}${name}${quote}`)];
  }
  return [];
};

/** `set` changes a variable, `defvar` defines it once. */
export const setInstead: Cure = (site) => {
  const list = site.node?.kind === 'list' ? site.node : undefined;
  const head = list?.items[0];
  return head?.kind === 'symbol' && head.name === 'defvar'
    ? [{ title: 'Change defvar to set', edits: [edit(site, rangeOf(head), 'set')] }]
    : [];
};
