/** A Markdown table. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)];
}

function cell(text: string): string {
  // Inside code, only the bar needs escaping.
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll('<', '&lt;')))
    .join('')
    .replaceAll('|', '\\|');
}

export const code = (text: string): string => `\`${text}\``;

export function fence(language: string, text: string): string[] {
  return [`\`\`\`${language}`, text, '```'];
}
