/** A condition key's value in a request: one, or several for a multivalued key. */
export type ContextValue = string | readonly string[];

/** What a request says to conditions and variables. */
export interface RequestContext {
  /** @param key in lower case: `kms:calleraccount`, `aws:principaltag/team` */
  get(key: string): ContextValue | undefined;
}
