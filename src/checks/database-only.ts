import * as z from "zod";

/** A name, or a list of names. */
export function nameOrNames() {
  return z.union([z.string().min(1), z.array(z.string().min(1)).min(1)], {
    error: "must be a name, or a list of names",
  });
}

/** Whose sessions a cure may end: every field that is given must fit. Without any, nobody's. */
export interface Only {
  readonly user?: string | readonly string[] | undefined;
  readonly application?: string | readonly string[] | undefined;
  readonly database?: string | readonly string[] | undefined;
}

/** Of PostgreSQL: a session has a user, an application and a database. */
export function onlyField() {
  return z
    .strictObject({
      user: nameOrNames().optional().describe("The role, or one of these."),
      application: nameOrNames().optional().describe("The `application_name`, or one of these."),
      database: nameOrNames().optional().describe("The database, or one of these."),
    })
    .refine((only) => Object.keys(only).length > 0, {
      error: "names nobody; it needs at least one of user, application and database",
    });
}

/** What `only` asks for. */
export interface Owner {
  readonly user: string | null;
  readonly application?: string | null;
  readonly database: string | null;
}

/** Why a session is not to be ended, as the end of a sentence; undefined when it may. */
export function notAllowed(owner: Owner, only: Only): string | undefined {
  for (const field of ["user", "application", "database"] as const) {
    const wanted = only[field];
    if (wanted === undefined) continue;
    const list: readonly string[] = typeof wanted === "string" ? [wanted] : wanted;
    const is = owner[field] ?? "";
    if (!list.includes(is))
      return `its ${field} ${is === "" ? "is not known" : `is ${is}`}, not ${list.join(" or ")} (only:)`;
  }
  return undefined;
}
