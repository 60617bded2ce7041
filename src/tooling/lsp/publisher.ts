import type { Diagnostic, PublishDiagnosticsParams } from 'vscode-languageserver';
import { toDiagnostic } from './convert.ts';
import type { MessagePage } from './message-pages.ts';
import type { View, Workspace } from './workspace.ts';

/** Delay between the last change and the diagnostics, milliseconds. */
const QUIET_MS = 150;

/** Publishes the diagnostics of all programs with open files, shortly after the last change. */
export class Publisher {
  readonly #workspace: Workspace;
  readonly #openUris: () => readonly string[];
  readonly #pageOf: MessagePage;
  readonly #send: (params: PublishDiagnosticsParams) => void;
  readonly #failed: (error: unknown) => void;
  #published = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #round = 0;

  constructor(
    workspace: Workspace,
    openUris: () => readonly string[],
    pageOf: MessagePage,
    send: (params: PublishDiagnosticsParams) => void,
    failed: (error: unknown) => void,
  ) {
    this.#workspace = workspace;
    this.#openUris = openUris;
    this.#pageOf = pageOf;
    this.#send = send;
    this.#failed = failed;
  }

  schedule(): void {
    this.stop();
    this.#timer = setTimeout(() => {
      this.#publish(this.#round).catch(this.#failed);
    }, QUIET_MS);
  }

  stop(): void {
    this.#round += 1;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #publish(round: number): Promise<void> {
    const views = new Set<View>();
    for (const uri of this.#openUris()) views.add(await this.#workspace.view(uri));
    // A newer change has started another round.
    if (round !== this.#round) return;
    const now = new Set<string>();
    for (const view of views) {
      for (const [file, document] of view.files) {
        now.add(document.uri);
        this.#send({
          uri: document.uri,
          version: document.version,
          diagnostics: diagnosticsOf(view, file, this.#pageOf),
        });
      }
    }
    for (const uri of this.#published) if (!now.has(uri)) this.#send({ uri, diagnostics: [] });
    this.#published = now;
  }
}

/** A diagnostic without a position is shown in the first file. */
function diagnosticsOf(view: View, file: string, pageOf: MessagePage): Diagnostic[] {
  const isFirst = view.files[0]?.[0] === file;
  return view.program.diagnostics
    .filter(({ position }) => (position ? position.file === file : isFirst))
    .map((each) => toDiagnostic(view, each, pageOf));
}
