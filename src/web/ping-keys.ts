import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import type { Config } from "../model/config.ts";
import { ensureToken } from "./token.ts";

const withKey = z.looseObject({ key: z.string().optional() });

/** The keys of the programs that must call in. */
export interface PingKeys {
  /** The key of a heartbeat; undefined for any other name. */
  keyOf(id: string): string | undefined;
  /** True if there is such a heartbeat, and this is its key. Takes the same time for any name and any key. */
  fits(id: string, given: string): boolean;
}

/**
 * Each key is the one of the config, or an HMAC of the heartbeat's name under one secret in `stateDir/ping-key` (mode 0600, made
 * when it is first needed): none says anything about another, all survive a restart, and removing the file changes them.
 * Throws `HealqError` `token-file` as `ensureToken` does.
 */
export function openPingKeys({ stateDir, targets }: Pick<Config, "stateDir" | "targets">): PingKeys {
  const { token: secret } = ensureToken(join(stateDir, "ping-key"));
  const made = (id: string) =>
    createHmac("sha256", secret).update(`healq ping ${id}`).digest("base64url").slice(0, 32);
  const heartbeats = [...targets.values()].filter(({ kind }) => kind === "heartbeat");
  const keys = new Map(heartbeats.map(({ id, spec }) => [id, withKey.parse(spec).key ?? made(id)]));
  return {
    keyOf: (id) => keys.get(id),
    fits: (id, given) => same(given, keys.get(id) ?? secret) && keys.has(id),
  };
}

/** Compares in constant time; digests, because lengths must agree and must not be told. */
function same(given: string, right: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(right));
}
