import * as z from "zod";

const wanted = "must be a status such as 200, a class such as 2xx, or a list of them";

const statusWord = z.union(
  [
    z.int().min(100, { error: wanted }).max(599, { error: wanted }),
    z.string().regex(/^[1-5]xx$/, { error: wanted }),
  ],
  { error: wanted },
);

/** The statuses that are wanted: `200`, `2xx`, or a list of them. */
export function statusField() {
  return z.union([statusWord, z.array(statusWord).min(1, { error: wanted })], { error: wanted });
}

/** As `statusField` parses it. */
export type WantedStatus = z.output<ReturnType<typeof statusField>>;

/** True if the status is one of those. */
export function isWanted(status: number, wanted: WantedStatus): boolean {
  const list = Array.isArray(wanted) ? wanted : [wanted];
  return list.some((one) =>
    typeof one === "number" ? one === status : Number(one[0]) === Math.floor(status / 100),
  );
}

/** "200", "2xx", "200 or 204". */
export function describeWanted(wanted: WantedStatus): string {
  return Array.isArray(wanted) ? wanted.join(" or ") : String(wanted);
}

/** An address healq can ask. */
export function urlField() {
  return z.string().refine(isHttp, { error: "must be a URL that starts with http:// or https://" });
}

function isHttp(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** Names and values of request headers; a line break in one would begin another. */
export function headersField() {
  return z.record(
    z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, { error: "is not a header name" }),
    z
      .string({ error: "must be text; quote it" })
      .regex(/^[\t\x20-\x7e\x80-\xff]*$/, { error: "may not hold control characters" }),
  );
}
