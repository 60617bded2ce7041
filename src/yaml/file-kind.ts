/** A kind of YAML file, as named in messages. */
export interface FileKind {
  /** `config file`, without an article; must fit after "a". */
  readonly name: string;
  /** A valid top-level line: `history: 10`. */
  readonly example: string;
  /** Larger files are refused. Absent: 1 MiB. */
  readonly mostMib?: number;
}
