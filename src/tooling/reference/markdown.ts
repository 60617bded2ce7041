/** A Markdown table. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)];
}

function cell(text: string): string {
  // Inside code, only the bar needs escaping; an anchor is meant as it is.
  return text
    .split(/(`[^`]*`|<a id="[^"]*"><\/a>)/)
    .map((part, at) => (at % 2 === 1 ? part : part.replaceAll('<', '&lt;')))
    .join('')
    .replaceAll('|', '\\|');
}

export const code = (text: string): string => `\`${text}\``;

export function fence(language: string, text: string): string[] {
  return [`\`\`\`${language}`, text, '```'];
}
