import { fileURLToPath, pathToFileURL } from 'node:url';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Location, Position, Range, TextEdit, WorkspaceEdit } from 'vscode-languageserver';
import { PolicyProgram, type Edit, type Knowledge, type Place } from '../language-service/index.ts';
import type { PolicySource, SourceDamage } from '../../policy/index.ts';
import type { EditorConfig, ReadEditorConfig } from './editor-config.ts';
import { programOf, type Files, type Programs } from './programs.ts';

/** The open documents of the editor; they override the files on disk. */
export interface OpenTexts {
  get(uri: string): TextDocument | undefined;
  all(): readonly TextDocument[];
}

/** One program at one moment, with URIs and positions of the protocol. */
export class View {
  readonly program: PolicyProgram;
  readonly #documents: ReadonlyMap<string, TextDocument>;

  /** @param damaged files on disk that are not valid policy text */
  constructor(
    documents: ReadonlyMap<string, TextDocument>,
    damaged: ReadonlyMap<string, SourceDamage>,
    knowledge: Knowledge,
  ) {
    this.#documents = documents;
    const sources = [...documents].map(([file, document]): PolicySource => {
      const damage = damaged.get(file);
      return { file, text: document.getText(), ...(damage && { damage }) };
    });
    this.program = new PolicyProgram(sources, knowledge);
  }

  /** The files of the program with their text. */
  get files(): readonly (readonly [file: string, document: TextDocument])[] {
    return [...this.#documents];
  }

  document(file: string): TextDocument {
    const document = this.#documents.get(file);
    if (!document) throw new Error(`${file} is no file of this program`);
    return document;
  }

  offset(file: string, position: Position): number {
    return this.document(file).offsetAt(position);
  }

  range({ file, start, end }: Place): Range {
    const document = this.document(file);
    return { start: document.positionAt(start), end: document.positionAt(end) };
  }

  location(place: Place): Location {
    return { uri: this.document(place.file).uri, range: this.range(place) };
  }

  textEdit(edit: Edit): TextEdit {
    return { range: this.range(edit), newText: edit.text };
  }

  workspaceEdit(edits: readonly Edit[]): WorkspaceEdit {
    const changes: Record<string, TextEdit[]> = {};
    for (const edit of edits) (changes[this.document(edit.file).uri] ??= []).push(this.textEdit(edit));
    return { changes };
  }
}

/** Builds programs from the editor's documents and the files on disk. */
export class Workspace {
  readonly #open: OpenTexts;
  readonly #files: Files;
  readonly #readConfig: ReadEditorConfig;
  readonly #onRenewed: (known: EditorConfig) => void;
  /** The setting `ballast.programs`. */
  programs: Programs = [];
  #known: EditorConfig | null = null;
  #views = new Map<string, Promise<View>>();

  /** @param onRenewed called at the start and when the config has changed */
  constructor(open: OpenTexts, files: Files, readConfig: ReadEditorConfig, onRenewed: (known: EditorConfig) => void) {
    this.#open = open;
    this.#files = files;
    this.#readConfig = readConfig;
    this.#onRenewed = onRenewed;
  }

  /** Reads the config again if it has changed. */
  async renew(): Promise<EditorConfig> {
    const known = await this.#readConfig();
    if (known !== this.#known) {
      this.#known = known;
      this.changed();
      this.#onRenewed(known);
    }
    return known;
  }

  /** Drops all cached programs after a change. */
  changed(): void {
    this.#views = new Map();
  }

  /** The program of a document. */
  async view(uri: string): Promise<View> {
    const known = await this.renew();
    const views = this.#views;
    const path = pathOf(uri);
    const files = path === null ? [uri] : await programOf(path, [...known.programs, ...this.programs], this.#files);
    const key = files.join('\n');
    const before = views.get(key);
    if (before) return before;
    const reading = this.#read(files, known);
    views.set(key, reading);
    return reading;
  }

  async #read(files: readonly string[], knowledge: Knowledge): Promise<View> {
    const open = new Map(this.#open.all().map((document) => [fileOf(document.uri), document]));
    const damaged = new Map<string, SourceDamage>();
    const documents = await Promise.all(
      files.map(async (file) => [file, open.get(file) ?? (await this.#fromDisk(file, damaged))] as const),
    );
    // A snapshot, because the editor's documents are mutable. Deleted files are not part of the program.
    const texts = documents.flatMap(([file, document]) =>
      document
        ? [
            [
              file,
              TextDocument.create(document.uri, document.languageId, document.version, document.getText()),
            ] as const,
          ]
        : [],
    );
    return new View(new Map(texts), damaged, knowledge);
  }

  async #fromDisk(file: string, damaged: Map<string, SourceDamage>): Promise<TextDocument | null> {
    try {
      const { text, damage } = await this.#files.read(file);
      if (damage !== undefined) damaged.set(file, damage);
      return TextDocument.create(pathToFileURL(file).href, 'ballast-policy', 0, text);
    } catch {
      return null;
    }
  }
}

/** The file name of a document in a program: its path, or its URI if it is not on disk. */
export function fileOf(uri: string): string {
  return pathOf(uri) ?? uri;
}

export function pathOf(uri: string): string | null {
  if (!uri.startsWith('file:')) return null;
  try {
    return fileURLToPath(uri);
  } catch {
    return null;
  }
}
