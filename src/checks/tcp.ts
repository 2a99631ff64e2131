import { isIP } from "node:net";
import * as z from "zod";
import { formatDuration } from "../lib/duration.ts";
import { id } from "../lib/fields.ts";
import { type CheckContext, defineKind } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import type { Target } from "../model/target.ts";
import { couldNotTell, lookOf } from "./looks.ts";
import { patience } from "./patience.ts";
import { connectTo } from "./tcp-connect.ts";

const schema = z.strictObject({
  host: z
    .string({ error: "must be text: a name or an address" })
    .refine(isHost, {
      error: "must be a name or an address alone: db.example, 10.0.0.7 or ::1; the port has its own field",
    })
    .describe("A name or an address, IPv4 or IPv6. Of a name with several addresses one has to answer."),
  port: z.int().min(1).max(65_535).describe("The port that takes connections."),
  target: id().optional().describe("The target that serves it: healed when it is down."),
});

/** The fields of a `tcp` target, as parsed. */
type TcpSpec = z.output<typeof schema>;

/** A port that must take connections. Nothing is sent or read: for what is said over them there are other kinds. */
export const tcp = defineKind<TcpSpec>({
  kind: "tcp",
  summary: "a host and a port: takes connections",
  schema,
  symptoms: { "tcp.down": "the connection is refused, or not made in time, or there is no such host" },
  network: true,
  references: (spec) => (spec.target === undefined ? [] : [spec.target]),
  defaultLadder: (spec) => (spec.target === undefined ? [] : ["target"]),
  observe,
});

async function observe(target: Target<TcpSpec>, context: CheckContext): Promise<Look> {
  const { host, port } = target.spec;
  const where = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const { signal } = context;
  const answer = await connectTo({ host, port }, { timeout: patience(target.timeout), signal });
  if (answer.ok) {
    const { latencyMs } = answer;
    return lookOf({
      findings: [],
      metrics: { latencyMs },
      fine: `connected in ${formatDuration(latencyMs)}`,
    });
  }
  const message = `${where}: ${answer.reason}`;
  if (answer.cannotTell) return couldNotTell(message);
  const evidence = { host, port };
  const finding = { symptom: "tcp.down", severity: "critical", fact: false, message, evidence } as const;
  return lookOf({ findings: [finding], metrics: {}, fine: "" });
}

/** An address, or what could be a name; a colon is either of an IPv6 address or of a port that does not belong here. */
function isHost(text: string): boolean {
  return isIP(text) !== 0 || /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})$/.test(text);
}
