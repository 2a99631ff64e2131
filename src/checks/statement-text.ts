import { plain } from "../lib/plain.ts";

/** A statement for people, at most 200 characters, without the texts in it: those are customers' names and new passwords. */
export function shownStatement(sql: string): string {
  // The last one may have lost its end: servers cut long statements.
  return plain(
    sql.replace(/(\$[A-Za-z_]*\$)[\s\S]*?(?:\1|$)/g, "'…'").replace(/'(?:[^']|'')*(?:'|$)/g, "'…'"),
  );
}
