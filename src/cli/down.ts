import { setTimeout as wait } from "node:timers/promises";
import * as z from "zod";
import type { Config } from "../model/config.ts";
import { exitCodes, HealqError, UnreachableError } from "../model/errors.ts";
import { stopPrivateRedis } from "../redis/private.ts";
import { identityOf, isAlive } from "../system/procfs.ts";
import { visible } from "../views/text.ts";
import type { CommandContext } from "./context.ts";
import { leftProcesses } from "./left-processes.ts";
import { configOf } from "./load-config.ts";
import { askSupervisor, type Greeting, holderOf, openSupervisor, type SupervisorLine } from "./supervisor.ts";

/** How long the supervisor may go without saying anything while it stops, in milliseconds; it names each process it waits for. */
const silenceAtMost = 60_000;

const newsSchema = z.object({ at: z.string(), what: z.string().optional() });

/**
 * `healq down`: asks the supervisor to stop (`{"down": "healq"}` or `{"down": "workers"}` over `healq.sock`) and waits
 * until it is gone. Where none runs a left-over private Redis is stopped. 0 also when nothing was running.
 */
export async function runDown(context: CommandContext, options: { workers?: boolean }): Promise<number> {
  const config = await configOf(context);
  const line = await openSupervisor(config.stateDir);
  const pid =
    line === undefined
      ? null
      : await stopSupervisor(context, config, { line, workers: options.workers === true });
  const redis =
    config.redis === undefined ? (await stopPrivateRedis({ stateDir: config.stateDir })).pid : null;
  const living = leftProcesses(config);
  report(context, { stopped: pid, redis, living });
  if (options.workers === true && living.length > 0) {
    throw new HealqError(
      "workers-left",
      "processes can only be stopped by a running healq: `healq up --detach`, then `healq down --workers`",
    );
  }
  return exitCodes.ok;
}

async function stopSupervisor(
  { terminal }: CommandContext,
  config: Config,
  { line, workers }: { line: SupervisorLine; workers: boolean },
): Promise<number> {
  const { greeting } = line;
  if (greeting === undefined) {
    line.close();
    throw silent(config);
  }
  let doing = "to begin stopping";
  let lastNews = performance.now();
  line.say({ down: workers ? "workers" : "healq" });
  const listening = (async () => {
    for await (const message of line.heard()) {
      const news = newsSchema.safeParse(message);
      if (!news.success) continue;
      doing = [news.data.at, news.data.what ?? ""].join(" ").trim();
      lastNews = performance.now();
      terminal.note(visible(doing));
    }
  })();
  const gone = goneOf(config, greeting);
  while (!(await gone())) {
    if (performance.now() - lastNews > silenceAtMost) {
      line.close();
      throw new HealqError(
        "down-slow",
        `healq (pid ${greeting.pid}) still runs after ${silenceAtMost / 1_000} s, waiting for: ${visible(doing)}; see logs/healq.log in ${config.stateDir}`,
      );
    }
    await wait(50);
  }
  line.close();
  await listening;
  return greeting.pid;
}

/** Whether the very process that greeted us is gone: neither alive nor listening. Another healq may run by then. */
function goneOf(config: Config, { pid }: Greeting): () => Promise<boolean> {
  const identity = identityOf(pid);
  return async () => {
    if (identity !== undefined) return isAlive(identity) !== "alive";
    const now = await askSupervisor(config.stateDir);
    return now.at === "absent" || (now.at === "running" && now.greeting.pid !== pid);
  };
}

function silent(config: Config): UnreachableError {
  const pid = holderOf(config.stateDir);
  const who = pid === undefined ? "healq" : `healq (pid ${pid})`;
  const shown = pid ?? "PID";
  return new UnreachableError(
    `${who} runs for ${config.stateDir} but does not answer; if it is stopped, \`kill -CONT ${shown}\` lets it go on. It may be ended by \`kill -KILL ${shown}\`: its processes live on`,
  );
}

function report(
  { terminal, json }: CommandContext,
  end: { stopped: number | null; redis: number | null; living: readonly { target: string; pid: number }[] },
): void {
  if (json) return terminal.json({ stopped: end.stopped, redis: end.redis, processes: end.living });
  const redis = end.redis === null ? "" : `; its Redis (pid ${end.redis}) is stopped`;
  terminal.out(
    end.stopped === null
      ? `healq is not running here${redis}\n`
      : `healq (pid ${end.stopped}) is stopped${redis}\n`,
  );
  const living = end.living.map(({ target, pid }) => `${target} (pid ${pid})`).join(", ");
  if (living !== "") terminal.out(`still running: ${living}\n`);
}
