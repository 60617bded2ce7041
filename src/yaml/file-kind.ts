/** A kind of file that people write, as messages name it. */
export interface FileKind {
  /** `config file`, which follows an "a". */
  readonly name: string;
  /** A line that can stand at its top: `history: 10`. */
  readonly example: string;
}
