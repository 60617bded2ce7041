import type { Knowledge } from '../language-service/index.ts';
import type { Programs } from './programs.ts';

/** What the config says that matters to an editor. */
export interface EditorConfig extends Knowledge {
  readonly programs: Programs;
  /** What is wrong with the config; null: nothing. */
  readonly warning: string | null;
}

/** Answers what the config says now: the same object for as long as nothing has changed. */
export type ReadEditorConfig = () => Promise<EditorConfig>;
