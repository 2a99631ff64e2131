import * as z from "zod";
import { createRedactor, secretsOf } from "../lib/redact.ts";
import type { Config } from "../model/config.ts";

const withEnv = z.object({ env: z.record(z.string(), z.string()) });

/** Removes what this node knows to be secret: logins, the Redis password, secret variables of healq and of its processes. */
export function redactorFor(config: Config, env: NodeJS.ProcessEnv): (text: string) => string {
  const password =
    config.redis !== undefined && URL.canParse(config.redis)
      ? decodeURIComponent(new URL(config.redis).password)
      : "";
  const ofTargets = [...config.targets.values()].flatMap(({ spec }) => {
    const parsed = withEnv.safeParse(spec);
    return parsed.success ? secretsOf(parsed.data.env) : [];
  });
  const tokens = config.web.tokens.map(({ token }) => token);
  return createRedactor([...tokens, password, ...secretsOf(env), ...ofTargets]);
}
