import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import oniguruma from 'vscode-oniguruma';
import textmate, { type IGrammar } from 'vscode-textmate';
import { gatherOccurrences } from '../../../src/policy/forms/gather-occurrences.ts';
import { DEFAULT_LIMITS } from '../../../src/policy/limits/limits.ts';
import { parse } from '../../../src/policy/parser/parser.ts';
import { SourceText } from '../../../src/policy/text/source.ts';

const GRAMMAR = '../../../editors/vscode/syntaxes/ballast-policy.tmLanguage.json';
const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

interface Token {
  readonly text: string;
  readonly start: number;
  readonly scopes: readonly string[];
}

async function loadGrammar(): Promise<IGrammar> {
  await oniguruma.loadWASM(readFileSync(createRequire(import.meta.url).resolve('vscode-oniguruma/release/onig.wasm')));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: oniguruma.createOnigScanner,
      createOnigString: oniguruma.createOnigString,
    }),
    loadGrammar: () => Promise.resolve(textmate.parseRawGrammar(read(GRAMMAR), 'grammar.json')),
  });
  const grammar = await registry.loadGrammar('source.ballast-policy');
  if (!grammar) throw new Error('no grammar');
  return grammar;
}

/** The text split into tokens, as an editor colours it. */
function tokens(grammar: IGrammar, text: string): readonly Token[] {
  const found: Token[] = [];
  let stack = textmate.INITIAL;
  let at = 0;
  for (const line of text.split('\n')) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, stack);
    for (const { startIndex, endIndex, scopes } of tokens) {
      const short = scopes.slice(1).map((scope) => scope.replace('.ballast-policy', ''));
      const piece = line.slice(startIndex, endIndex);
      if (piece.trim() !== '') found.push({ text: piece, start: at + startIndex, scopes: short });
    }
    stack = ruleStack;
    at += line.length + 1;
  }
  return found;
}

const policies = readdirSync(new URL('../../../policies', import.meta.url)).filter((name) => name.endsWith('.policy'));

describe('the grammar', async () => {
  const grammar = await loadGrammar();

  it('assigns a scope to every construct', async () => {
    const lines = tokens(grammar, read('constructs.policy')).map(({ text, scopes }) =>
      `${text.padEnd(24)} ${scopes.join(' > ')}`.trimEnd(),
    );
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('constructs.scopes.txt');
  });

  it.each(policies)('classifies %s as the parser does', (name) => {
    const text = read(`../../../policies/${name}`);
    const source = new SourceText({ file: name, text });
    const { file, diagnostics } = parse(source, DEFAULT_LIMITS);
    expect(diagnostics).toEqual([]);
    const coloured = tokens(grammar, text);
    const at = (start: number) =>
      coloured.find((piece) => piece.start <= start && start < piece.start + piece.text.length)?.scopes.at(-1);
    for (const { span, text: comment } of file.comments)
      expect(at(span.start), comment).toBe('comment.line.number-sign');
    const { occurrences } = gatherOccurrences([file]);
    expect(occurrences.length).toBeGreaterThan(0);
    for (const { kind, name: word, span, role } of occurrences) {
      const colour = at(span.start);
      // A { calls eval, but is coloured as a bracket.
      if (kind === 'builtin' && text.charAt(span.start) !== '{')
        expect(colour, word).toMatch(/^(keyword\.|support\.function)/);
      if (kind === 'method') expect(colour, word).toBe('support.function.method');
      if (kind === 'function')
        expect(colour, word).toBe(role === 'definition' ? 'entity.name.function' : 'entity.name.function.call');
      if (kind === 'field') expect(colour, word).toMatch(/^(variable\.other\.property|string\.)/);
      if (kind === 'control') expect(colour, word).toMatch(/^string\./);
      if (kind === 'variable') expect(colour, word).toMatch(/^variable\./);
    }
  });
});
