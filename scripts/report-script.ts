import { build } from 'esbuild';

/** The script of reports as a module with its text: the page has it inline, so it is not built with the program. */
export async function reportScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL('../src/report/browser/main.ts', import.meta.url).pathname],
    ...{ bundle: true, write: false, minify: true, format: 'iife', platform: 'browser', target: 'es2022' },
    ...{ legalComments: 'none', charset: 'ascii', logLevel: 'warning' },
  });
  const text = outputFiles[0]!.text.trim();
  return `// Generated from browser/main.ts by \`npm run generate\`.\nexport const SCRIPT = ${JSON.stringify(text)};\n`;
}
