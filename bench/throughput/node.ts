import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "../../src/config/load.ts";
import { redactorFor } from "../../src/config/secrets.ts";
import { createReleasers } from "../../src/lib/releasers.ts";
import type { Config } from "../../src/model/config.ts";
import type { Log } from "../../src/model/log.ts";
import { stopPrivateRedis } from "../../src/redis/private.ts";
import { openLedger } from "../../src/system/ledger.ts";
import { identityOf } from "../../src/system/procfs.ts";
import { prepareStateDir } from "../../src/system/state-dir.ts";
import { type Foundation, layFoundation } from "../../workers/foundation.ts";
import type { Cleanup } from "../support/cleanup.ts";

const quiet: Log = { info: () => undefined, warn: console.error, error: console.error };

/** What the targets are: files, or processes. */
export const kinds = ["file", "process"] as const;
export type Kind = (typeof kinds)[number];

/** The config of one target, for people. */
export const shownTarget: Readonly<Record<Kind, string>> = {
  file: "{ kind: file, path: …, maxAge: 1h, minSize: 1 }",
  process: "{ kind: process, run: [sleep, 100000] }; one living process stands for all",
};

/** All that a node stands on, with a private Redis and `count` targets that are well, in this process. */
export async function layNode(kind: Kind, count: number, cleanup: Cleanup): Promise<Foundation> {
  const config = await configOf(kind, count, cleanup.folder());
  prepareStateDir(config.stateDir);
  if (kind === "process") cleanup.add(pretendAllRun(config));
  const releasers = createReleasers((name, problem) => console.error(name, problem));
  cleanup.add(() => stopPrivateRedis({ stateDir: config.stateDir }));
  cleanup.add(() => releasers.release());
  return layFoundation({
    config,
    log: quiet,
    redact: redactorFor(config, process.env),
    releasers,
    supervises: true,
  });
}

async function configOf(kind: Kind, count: number, folder: string): Promise<Config> {
  mkdirSync(join(folder, "files"));
  const targets: Record<string, object> = {};
  for (let i = 0; i < count; i += 1) {
    const path = `files/${i}`;
    if (kind === "file") writeFileSync(join(folder, path), "{}");
    targets[`t${i}`] =
      kind === "file" ? { kind, path, maxAge: "1h", minSize: 1 } : { kind, run: ["sleep", "100000"] };
  }
  const file = join(folder, "healq.yaml");
  writeFileSync(file, JSON.stringify({ node: "bench", stateDir: "state", targets }));
  const loaded = await loadConfig(file, process.env);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
  return loaded.config;
}

/** One living process, written down as the process of every target; the result ends it. */
export function pretendAllRun(config: Config): () => void {
  const child = spawn("sleep", ["100000"], { stdio: "ignore" });
  const identity = identityOf(child.pid ?? 0);
  if (identity === undefined) throw new Error("sleep did not start");
  const ledger = openLedger(config.stateDir);
  for (const id of config.targets.keys()) {
    ledger.writeRecord(id, { identity, startedAt: Date.now() - 60_000 });
  }
  return () => child.kill("SIGKILL");
}
