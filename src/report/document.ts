import { html, Html, type Piece } from './html.ts';
import { SCRIPT } from './script.generated.ts';

export interface Document {
  readonly title: string;
  readonly style: string;
  /** What the script reads. */
  readonly attributes: Html | null;
  readonly body: Piece;
  /** SHA-256 in base64. */
  readonly sha256: (text: string) => string;
}

/** A page that needs nothing else: its policy forbids everything but its own script and style. */
export function documentOf({ title, style, attributes, body, sha256 }: Document): string {
  const policy = [
    `default-src 'none'`,
    `style-src 'sha256-${sha256(style)}'`,
    `script-src 'sha256-${sha256(SCRIPT)}'`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${new Html(policy)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${new Html(`<style>${style}</style>`)}
      </head>
      <body ${attributes}>
        ${body} ${new Html(`<script>${SCRIPT}</script>`)}
      </body>
    </html> `.text;
}
