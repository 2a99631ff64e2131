import * as z from "zod";
import { formatDuration } from "../lib/duration.ts";
import { duration, id } from "../lib/fields.ts";
import { plain } from "../lib/plain.ts";
import type { Finding } from "../model/finding.ts";
import { type CheckContext, defineKind } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import type { Target } from "../model/target.ts";
import { patternOf } from "./bounded-regex.ts";
import { bodyProblems } from "./http-body.ts";
import { certificateLook } from "./http-certificate.ts";
import { shownUrl } from "./http-error.ts";
import { describeWanted, headersField, isWanted, statusField, urlField } from "./http-expect.ts";
import { type Answer, ask } from "./http-request.ts";
import { couldNotTell, lookOf } from "./looks.ts";
import { patience } from "./patience.ts";

const schema = z.strictObject({
  url: urlField().describe("The address to ask: http:// or https://."),
  method: z
    .enum(["GET", "HEAD", "OPTIONS", "POST"])
    .default("GET")
    .describe("Default: GET. POST is sent without a body."),
  headers: headersField()
    .prefault({})
    .describe("Request headers by name; secrets are best taken from a variable."),
  redirects: z
    .boolean()
    .default(false)
    .describe("Follow up to 5 redirects. Default: false, a redirect is the answer."),
  expect: z
    .strictObject({
      status: statusField()
        .default("2xx")
        .describe("The status wanted: 200, 2xx, or a list of them. Default: 2xx."),
      body: z
        .string()
        .min(1)
        .optional()
        .describe("Text that the body holds, or a /pattern/ with flags i, m, s, u."),
      json: z
        .record(z.string().min(1), z.union([z.string(), z.number(), z.boolean(), z.null()]))
        .optional()
        .describe('Values of the JSON body by path: { status: ok, "checks.0.up": true }.'),
    })
    .prefault({})
    .describe("What the answer must be like. The first 1 MiB of the body is looked at."),
  maxLatency: duration().optional().describe("Slow when the whole answer takes longer than this."),
  certificate: duration()
    .optional()
    .describe(
      "A warning when the server's certificate ends sooner than this: 14d. Each look then makes a new connection. A certificate that cannot be trusted is critical without it too.",
    ),
  target: id()
    .optional()
    .describe("The target that serves it: healed when waking the address does not help."),
});

/** The fields of an `http` target, as parsed. */
type HttpSpec = z.output<typeof schema>;

/** A web address that must answer as wanted. What is silent for the look's timeout is down, not unknown. */
export const http = defineKind<HttpSpec>({
  kind: "http",
  summary: "a web address: answers, with the wanted status and body, in time",
  schema,
  symptoms: {
    "http.down": "there is no answer",
    "http.status": "the status is not the wanted one",
    "http.body": "the body is not as wanted",
    "http.slow": "the answer took longer than maxLatency",
    "http.certificate": "the certificate ends soon, has ended, is for another name, or cannot be trusted",
  },
  network: true,
  references: (spec) => (spec.target === undefined ? [] : [spec.target]),
  defaultLadder: (spec) => {
    const ladder = spec.target === undefined ? ["wake"] : ["wake", "target"];
    // Neither asking again nor a restart makes a certificate.
    return {
      "http.down": ladder,
      "http.status": ladder,
      "http.body": ladder,
      "http.slow": ladder,
      "http.certificate": [],
    };
  },
  problems: (spec) => {
    const problems = [];
    const { body, json } = spec.expect;
    if (spec.method === "HEAD" && (body ?? json) !== undefined) {
      problems.push({
        path: ["method"],
        message: "an answer to HEAD has no body to expect anything of; use GET",
      });
    }
    if (body?.startsWith("/") && /.\/[dgimsuvy]*$/.test(body) && patternOf(body) === undefined) {
      problems.push({
        path: ["expect", "body"],
        message: "is not a valid regular expression (flags: i, m, s, u)",
      });
    }
    if (spec.certificate !== undefined && !spec.url.toLowerCase().startsWith("https:"))
      problems.push({ path: ["certificate"], message: "needs a url that starts with https://" });
    return problems;
  },
  observe,
});

async function observe(target: Target<HttpSpec>, context: CheckContext): Promise<Look> {
  const { spec } = target;
  const answer = await ask({
    url: spec.url,
    method: spec.method,
    headers: spec.headers,
    redirects: spec.redirects ? 5 : 0,
    ...(spec.certificate === undefined ? {} : ({ anew: true } as const)),
    timeout: patience(target.timeout),
    signal: context.signal,
  });
  const where = shownUrl(spec.url);
  if (answer.ok) return judge(spec, answer, { where, now: context.now() });
  const message = `${where}: ${answer.reason}`;
  if (answer.cannotTell) return couldNotTell(message);
  const symptom = answer.badCertificate ? "http.certificate" : "http.down";
  return lookOf({ findings: [finding(symptom, message)], metrics: {}, fine: "" });
}

function judge(spec: HttpSpec, answer: Answer, { where, now }: { where: string; now: number }): Look {
  const { status, latencyMs } = answer;
  const certificate = certificateLook(answer, { wanted: spec.certificate, where, now });
  const metrics = { latencyMs, statusCode: status, ...certificate.metrics };
  const findings: Finding[] = [];
  if (!isWanted(status, spec.expect.status)) {
    const onwards =
      answer.location === undefined || status >= 400
        ? ""
        : ` and points to ${plain(shownUrl(answer.location))}`;
    const message = `${where} answered ${status}${onwards}, not ${describeWanted(spec.expect.status)}`;
    findings.push(finding("http.status", message, { status }));
  } else {
    const problems = bodyProblems(answer.body, spec.expect);
    if (problems === undefined)
      return couldNotTell(`${where}: the pattern of expect.body takes too long on this answer`, metrics);
    if (problems.length > 0)
      findings.push(finding("http.body", `${where}: ${problems.join(", ")}`, { status }));
  }
  if (spec.maxLatency !== undefined && latencyMs > spec.maxLatency) {
    const message = `${where} answered in ${formatDuration(latencyMs)} (at most ${formatDuration(spec.maxLatency)})`;
    findings.push({ ...finding("http.slow", message, { latencyMs }), severity: "warning" });
  }
  findings.push(...certificate.findings);
  return lookOf({ findings, metrics, fine: `answered ${status} in ${formatDuration(latencyMs)}` });
}

function finding(symptom: string, message: string, evidence: Finding["evidence"] = {}): Finding {
  return { symptom, severity: "critical", fact: false, message, evidence };
}
