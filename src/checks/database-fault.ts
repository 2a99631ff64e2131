/** What a failed question says about a database server. */
export interface ServerFault {
  /** `down`: it does not answer · `full`: it answers, but has no connection left · `unsure`: nothing is known of how it does. */
  readonly is: "down" | "full" | "unsure";
  /** The end of a sentence that begins with the server. */
  readonly reason: string;
}
