import { formatPolicy } from '../format/index.ts';

/** An example of the reference in the layout of `ballast fmt`. @throws Error when it is no policy */
export function formatted(text: string): string {
  const result = formatPolicy({ file: 'example', text });
  if ('diagnostics' in result) throw new Error(`the example is no policy: ${text}`);
  return result.text.trimEnd();
}
