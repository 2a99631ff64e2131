import * as z from "zod";
import { createRedactor, secretsOf } from "../lib/redact.ts";
import type { Config } from "../model/config.ts";

const withKey = z.object({ key: z.string() });
const withAddress = z.object({ url: z.string().default(""), redis: z.string().default("") });
const withEnv = z.object({ env: z.record(z.string(), z.string()) });

/** Removes what this node knows to be secret: logins, keys of heartbeats, passwords in addresses, secret variables of healq and of its processes. */
export function redactorFor(config: Config, env: NodeJS.ProcessEnv): (text: string) => string {
  const password = passwordOf(config.redis ?? "");
  const ofTargets = [...config.targets.values()].flatMap(({ spec }) => {
    const parsed = withEnv.safeParse(spec);
    return parsed.success ? secretsOf(parsed.data.env) : [];
  });
  const keys = [...config.targets.values()].flatMap(({ kind, spec }) =>
    kind === "heartbeat" ? (withKey.safeParse(spec).data?.key ?? []) : [],
  );
  const addresses = [...config.targets.values()].flatMap(({ spec }) => {
    const { url, redis } = withAddress.safeParse(spec).data ?? { url: "", redis: "" };
    return [passwordOf(url), passwordOf(redis)];
  });
  const tokens = config.web.tokens.map(({ token }) => token);
  return createRedactor([...tokens, ...keys, password, ...addresses, ...secretsOf(env), ...ofTargets]);
}

/** Of a URL as databases take it; a login without a host gets one, so that it can be read. */
function passwordOf(address: string): string {
  const url = address.replace(/@(?=\/)/, "@localhost");
  try {
    return URL.canParse(url) ? decodeURIComponent(new URL(url).password) : "";
  } catch {
    // A "%" that starts no escape; the pattern of addresses still hides it.
    return "";
  }
}
