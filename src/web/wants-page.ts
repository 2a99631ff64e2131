import type { Request } from "express";

/** True if a person's browser asks for a page: programs, the API and scripts get JSON. */
export function wantsPage(request: Request): boolean {
  if (request.originalUrl.startsWith("/api/")) return false;
  return request.accepts(["json", "html"]) === "html";
}
