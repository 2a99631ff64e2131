import * as z from "zod";
import { catalogue, type JobName, parsePayload } from "../queues/catalogue.ts";

/** A job as Bull Board hands it to formatters. */
interface ShownJob {
  readonly name: string;
  readonly data: unknown;
  readonly returnvalue?: unknown;
}

const cured = z.object({ remedy: z.string(), target: z.string() });

/** How a person reads a job: `restart ▸ predictive_engine` once a remedy was applied, else by the catalogue: `heal ▸ …`. */
export function jobName(job: ShownJob): string {
  if (!isJobName(job.name)) return job.name;
  const result = job.name === "heal:run" ? cured.safeParse(job.returnvalue) : undefined;
  if (result?.success === true) return `${result.data.remedy} ▸ ${result.data.target}`;
  return titleOf(job.name, job.data) ?? job.name;
}

function isJobName(name: string): name is JobName {
  return Object.hasOwn(catalogue, name);
}

/** Undefined when the payload is not what its job wants; it then fails with the reason, and is shown by its bare name. */
function titleOf<Name extends JobName>(name: Name, data: unknown): string | undefined {
  const { schema, title } = catalogue[name];
  const payload = parsePayload(schema, data);
  return payload.ok ? title(payload.data) : undefined;
}
