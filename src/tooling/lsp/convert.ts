import {
  CodeActionKind,
  CompletionItemKind,
  DiagnosticSeverity,
  InsertTextFormat,
  MarkupKind,
  SymbolKind,
  type CodeAction as LspCodeAction,
  type CompletionItem,
  type Diagnostic as LspDiagnostic,
  type DocumentSymbol,
  type SignatureHelp as LspSignatureHelp,
} from 'vscode-languageserver';
import type { CodeAction, Completion, Outline, SignatureHelp } from '../language-service/index.ts';
import type { Diagnostic } from '../../policy/index.ts';
import type { MessagePage } from './message-pages.ts';
import type { View } from './workspace.ts';

// Converts results of the language service to protocol types.

export function toDiagnostic(
  view: View,
  { position, span, severity, code, message, hint }: Diagnostic,
  pageOf: MessagePage,
): LspDiagnostic {
  const href = pageOf(code);
  const range =
    position && span
      ? view.range({ file: position.file, ...span })
      : { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  return {
    range,
    severity: severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    code,
    ...(href !== null && { codeDescription: { href } }),
    source: 'ballast',
    message: hint === null ? message : `${message}\n${hint}`,
  };
}

export function toCodeAction(
  view: View,
  { title, isPreferred, diagnostic, edits }: CodeAction,
  pageOf: MessagePage,
): LspCodeAction {
  return {
    title,
    kind: CodeActionKind.QuickFix,
    isPreferred,
    diagnostics: [toDiagnostic(view, diagnostic, pageOf)],
    edit: view.workspaceEdit(edits),
  };
}

const COMPLETION_KINDS: Readonly<Record<Completion['kind'], CompletionItemKind>> = {
  field: CompletionItemKind.Field,
  method: CompletionItemKind.Method,
  control: CompletionItemKind.Property,
  prop: CompletionItemKind.Property,
  stored: CompletionItemKind.Variable,
  builtin: CompletionItemKind.Function,
  form: CompletionItemKind.Keyword,
  function: CompletionItemKind.Function,
  variable: CompletionItemKind.Variable,
  constant: CompletionItemKind.Constant,
  keyword: CompletionItemKind.Keyword,
  unit: CompletionItemKind.Unit,
};

/** @param order index in the list: editors sort by it if nothing else decides */
export function toCompletion(
  view: View,
  { label, kind, detail, markdown, text, isSnippet, place }: Completion,
  order: number,
  snippets: boolean,
): CompletionItem {
  return {
    label,
    kind: COMPLETION_KINDS[kind],
    detail,
    sortText: String(order).padStart(5, '0'),
    ...(markdown !== '' && { documentation: { kind: MarkupKind.Markdown, value: markdown } }),
    textEdit: { range: view.range(place), newText: isSnippet && !snippets ? label : text },
    insertTextFormat: isSnippet && snippets ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
  };
}

export function toSignatureHelp({ signatures, active, parameter }: SignatureHelp): LspSignatureHelp {
  return {
    signatures: signatures.map(({ label, doc, parameters }) => ({
      label,
      documentation: { kind: MarkupKind.Markdown, value: doc },
      parameters: parameters.map(([start, end]) => ({ label: [start, end] as [number, number] })),
    })),
    activeSignature: active,
    // After the last parameter, an index out of range means "none active" to every client.
    activeParameter: parameter ?? signatures[active]?.parameters.length ?? 0,
  };
}

const SYMBOL_KINDS: Readonly<Record<Outline['kind'], SymbolKind>> = {
  function: SymbolKind.Function,
  variable: SymbolKind.Variable,
  param: SymbolKind.Constant,
};

export function toSymbol(view: View, { name, kind, detail, place, namePlace }: Outline): DocumentSymbol {
  return { name, detail, kind: SYMBOL_KINDS[kind], range: view.range(place), selectionRange: view.range(namePlace) };
}
