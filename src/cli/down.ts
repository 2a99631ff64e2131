import { setTimeout as wait } from "node:timers/promises";
import * as z from "zod";
import type { Config } from "../model/config.ts";
import { exitCodes, HealqError, UnreachableError } from "../model/errors.ts";
import { stopPrivateRedis } from "../redis/private.ts";
import type { LockHolder } from "../system/lock-holder.ts";
import { identityOf, isAlive } from "../system/procfs.ts";
import { visible } from "../views/text.ts";
import { configAtHand } from "./config-at-hand.ts";
import type { CommandContext } from "./context.ts";
import { leftProcesses, mayHaveLeftMore } from "./left-processes.ts";
import { stopLeft } from "./stop-left.ts";
import { askSupervisor, holderOf, openSupervisor, type SupervisorLine } from "./supervisor.ts";

/** How long the supervisor may go without saying anything while it stops, in milliseconds; it names each process it waits for. */
const silenceAtMost = 60_000;

/** What is known of the stop so far. */
interface News {
  doing: string;
  /** When something was heard last, by `performance.now()`. */
  at: number;
  failure?: string;
}

const newsSchema = z.object({ at: z.string(), what: z.string().optional() });

/**
 * `healq down`: asks the supervisor to stop (`{"down": "healq"}` or `{"down": "workers"}` over `healq.sock`) and waits
 * until it is gone. Where none runs a left-over private Redis is stopped. 0 also when nothing was running; 1 when
 * `--workers` left a process running.
 */
export async function runDown(context: CommandContext, options: { workers?: boolean }): Promise<number> {
  const { config, isRest } = await configAtHand(context);
  const stopped = await stopSupervisor(context, config, options.workers === true ? "workers" : "healq");
  const redis =
    config.redis === undefined ? (await stopPrivateRedis({ stateDir: config.stateDir })).pid : null;
  if (
    options.workers === true &&
    stopped === null &&
    (leftProcesses(config).length > 0 || mayHaveLeftMore(config))
  ) {
    await stopLeft(config, (target) => context.terminal.note(`stopping ${visible(target)}`));
  }
  const living = leftProcesses(config);
  if (isRest && options.workers === true && stopped === null && living.length > 0)
    context.terminal.note("healq: how those processes are stopped cannot be read: correct the config first");
  report(context, { stopped, redis, living });
  return options.workers === true && living.length > 0 ? exitCodes.bad : exitCodes.ok;
}

/** The pid of the supervisor that was stopped; null when none runs. */
async function stopSupervisor(
  context: CommandContext,
  config: Config,
  what: "healq" | "workers",
): Promise<number | null> {
  const supervisor = await askSupervisor(config.stateDir);
  if (supervisor.at === "silent") throw silent(config);
  const line = supervisor.at === "absent" ? undefined : await openSupervisor(config.stateDir);
  if (line === undefined || supervisor.at === "absent") return null;
  const news: News = { doing: "to begin stopping", at: performance.now() };
  const gone = goneOf(config, supervisor.holder);
  line.say({ down: what });
  const listening = listen(context, line, news);
  while (!(await gone())) {
    if (news.failure !== undefined) {
      line.close();
      throw new HealqError(
        "down-failed",
        `healq (pid ${supervisor.holder.pid}) could not stop: ${news.failure}`,
      );
    }
    if (performance.now() - news.at > silenceAtMost) {
      line.close();
      throw tooSlow(config, supervisor.holder.pid, news.doing);
    }
    await wait(50);
  }
  line.close();
  await listening;
  return supervisor.holder.pid;
}

/** Says on stderr what the supervisor is doing, and keeps it for the case that it never ends. */
async function listen({ terminal }: CommandContext, line: SupervisorLine, news: News): Promise<void> {
  for await (const message of line.heard()) {
    const said = newsSchema.safeParse(message);
    if (!said.success) continue;
    if (said.data.at === "failed") {
      news.failure = visible(said.data.what ?? "it does not say why");
      return;
    }
    news.doing = visible([said.data.at, said.data.what ?? ""].join(" ").trim());
    news.at = performance.now();
    terminal.note(news.doing);
  }
}

function tooSlow(config: Config, pid: number, doing: string): HealqError {
  return new HealqError(
    "down-slow",
    `healq (pid ${pid}) still runs, ${silenceAtMost / 1_000} s after its last sign of life, waiting for: ${doing}; see ${config.stateDir}/logs/healq.log`,
  );
}

/** Whether the very process that greeted us is gone: neither alive nor listening. Another healq may run by then. */
function goneOf(config: Config, { pid }: LockHolder): () => Promise<boolean> {
  const identity = identityOf(pid);
  return async () => {
    if (identity !== undefined) return isAlive(identity) !== "alive";
    const now = await askSupervisor(config.stateDir);
    return now.at === "absent" || (now.at === "running" && now.holder.pid !== pid);
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
  if (json) {
    terminal.json({ stopped: end.stopped, redis: end.redis, processes: end.living });
    return;
  }
  const redis = end.redis === null ? "" : `; its Redis (pid ${end.redis}) is stopped`;
  terminal.out(
    end.stopped === null
      ? `healq is not running here${redis}\n`
      : `healq (pid ${end.stopped}) is stopped${redis}\n`,
  );
  const living = end.living.map(({ target, pid }) => `${target} (pid ${pid})`).join(", ");
  if (living !== "") terminal.out(`still running: ${living}\n`);
}
