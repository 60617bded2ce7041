import type { Knowledge } from '../language-service/index.ts';
import type { Programs } from './programs.ts';

/** The parts of the config that matter to an editor. */
export interface EditorConfig extends Knowledge {
  readonly programs: Programs;
  /** The problem with the config; null: none. */
  readonly warning: string | null;
}

/** Reads the config. Returns the same object until something changes. */
export type ReadEditorConfig = () => Promise<EditorConfig>;
