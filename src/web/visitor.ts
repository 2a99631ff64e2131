import type { Response } from "express";
import type { Visitor } from "./door.ts";

const key = "healqVisitor";

/** Notes who is asking; done once, by the login. */
export function setVisitor(response: Response, visitor: Visitor): void {
  response.locals[key] = visitor;
}

/** Who is asking; undefined before the login was checked. */
export function visitorOf(response: Response): Visitor | undefined {
  // `locals` is untyped; this file alone writes the key.
  return response.locals[key] as Visitor | undefined;
}

/** Who is asking, behind the login. */
export function knownVisitor(response: Response): Visitor {
  const visitor = visitorOf(response);
  if (visitor === undefined) throw new Error("a path behind the login was reached without one");
  return visitor;
}
