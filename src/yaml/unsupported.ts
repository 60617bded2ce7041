import { isAlias, isScalar, visit, type Document, type Node } from 'yaml';
import type { FileProblem } from './problem.ts';
import { beginningOf, type Place } from './yaml-text.ts';

/** Finds YAML features that Ballast does not support: aliases, tags, keys that are not plain words, duplicate keys. */
export function unsupported(
  document: Document.Parsed,
  file: string,
  placeOf: (offset: number) => Place,
): {
  readonly problems: FileProblem[];
  /** Whether it cannot be converted to plain data. */
  readonly isUnreadable: boolean;
} {
  const problems: FileProblem[] = [];
  const problemAt = (offset: number, message: string): void => {
    problems.push({ file, ...placeOf(offset), message });
  };
  const anchors = new Set<string>();
  visit(document, {
    Node(_, { anchor }) {
      if (anchor !== undefined) anchors.add(anchor);
    },
  });
  let isUnreadable = false;
  let aliased = false;
  visit(document, {
    Alias(_, alias) {
      if (aliased) return;
      aliased = isUnreadable = true;
      problemAt(
        beginningOf(alias),
        anchors.has(alias.source)
          ? `aliases such as *${alias.source} are not supported; write the value out`
          : `a text that begins with * needs quotes: write "*${alias.source}"`,
      );
    },
    Node(_, node) {
      if (node.tag === undefined) return;
      isUnreadable = true;
      problemAt(
        beginningOf(node),
        `YAML tags such as ${node.tag.replace('tag:yaml.org,2002:', '!!')} are not supported; remove it`,
      );
    },
    Map(_, map) {
      const first = new Map<string, number>();
      for (const { key } of map.items) {
        if (isAlias(key)) continue;
        if (!isScalar(key)) {
          isUnreadable = true;
          problemAt(beginningOf(key as Node), 'a key must be a plain word');
          continue;
        }
        const name = String(key.value);
        const offset = beginningOf(key);
        const before = first.get(name);
        if (before === undefined) first.set(name, offset);
        else problemAt(offset, `the key "${name}" is a duplicate; the first is on line ${placeOf(before).line}`);
      }
    },
  });
  return { problems, isUnreadable };
}
