import type { Config } from "../model/config.ts";
import { exitCodes, HealqError, messageOf, UnreachableError, UsageError } from "../model/errors.ts";
import type { FleetRequests, RequestedHeal } from "../model/fleet.ts";
import { healOrder } from "../remedies/asked.ts";
import { type HealView, healSentence, healView, healWithoutResult } from "../views/heal.ts";
import { healReport } from "../views/heal-report.ts";
import { visible } from "../views/text.ts";
import type { FleetClient } from "./client.ts";
import type { CommandContext } from "./context.ts";
import { withFleet, withoutNode } from "./fleet-guards.ts";
import { healProgress } from "./heal-progress.ts";
import { untilInterrupted } from "./interrupt.ts";
import { configOf } from "./load-config.ts";
import { whoAsks } from "./user.ts";

/** Flags of `healq heal`; `wait` is false with `--no-wait`. */
export interface HealOptions {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly wait: boolean;
}

/** How a shell says that Ctrl-C ended a command: 128 and the number of SIGINT. */
const interruptedCode = 130;

/** A heal that was asked for, or why not. */
type Asked = { readonly target: string; readonly since: number } & (
  | { readonly heal: RequestedHeal }
  | { readonly view: HealView }
);

/** `healq heal`: 0 healed, already healthy or dry run; 1 failed or skipped; 3 nobody was there to do it. */
export async function runHeal(
  context: CommandContext,
  names: readonly string[],
  options: HealOptions,
): Promise<number> {
  if (options.all === true && names.length > 0)
    throw new UsageError("`heal` takes targets or --all, not both");
  if (options.all !== true && names.length === 0)
    throw new UsageError("which target? `healq heal TARGET…`, or --all; `healq status` lists them");
  const config = await configOf(context);
  return withFleet(config, names, async (client) => {
    const targets = options.all === true ? [...config.targets.keys()] : [...new Set(names)];
    const views: HealView[] = [];
    for (const group of options.wait ? inOrder(config, targets) : [targets]) {
      const asked = await askAll({ config, client, targets: group, options });
      const outcomes = options.wait ? await waitForAll(context, client, asked) : asked.map(requested);
      if (outcomes === undefined) return interrupted(context, asked);
      views.push(...outcomes);
    }
    print(context, views, options);
    return healCode(views);
  });
}

/** From the top: what others rely on first. Targets of other configs rely on nothing that is known here. */
function inOrder(config: Config, names: readonly string[]): string[][] {
  const known = names.flatMap((name) => config.targets.get(name) ?? []);
  const foreign = names.filter((name) => !config.targets.has(name));
  const [first = [], ...later] = healOrder(known).map((group) => group.map(({ id }) => id));
  return [[...first, ...foreign], ...later];
}

async function askAll(parts: {
  config: Config;
  client: FleetClient;
  targets: readonly string[];
  options: HealOptions;
}): Promise<Asked[]> {
  const { config, client, targets, options } = parts;
  // First: of a Redis that takes nothing it would seem that no node is running.
  const requests = await client.requests();
  const absent = await withoutNode(targets, config, client.reader);
  const flags = { ...(options.dryRun ? { dryRun: true } : {}), ...(options.force ? { force: true } : {}) };
  return Promise.all(
    targets.map((target) =>
      ask(
        requests,
        { target, reason: "asked for on the command line", requestedBy: whoAsks(), ...flags },
        absent.get(target),
      ),
    ),
  );
}

async function ask(
  requests: FleetRequests,
  request: Parameters<FleetRequests["heal"]>[0],
  absent: string | undefined,
): Promise<Asked> {
  const { target } = request;
  const since = Date.now();
  const refused = (outcome: "failed" | "unreachable", reason: string): Asked => {
    return { target, since, view: healWithoutResult(target, { outcome, reason, job: null, durationMs: 0 }) };
  };
  if (absent !== undefined) return refused("unreachable", absent);
  try {
    return { target, since, heal: await requests.heal(request) };
  } catch (error) {
    // It stands in the config, or it would have been refused before.
    const isNew = error instanceof HealqError && error.code === "unknown-target";
    const hint = isNew ? "; `healq down` and `healq up` read the config anew" : "";
    return refused("failed", `${messageOf(error)}${hint}`);
  }
}

/** All outcomes in the order asked; undefined when the person stopped waiting. */
async function waitForAll(
  context: CommandContext,
  client: FleetClient,
  asked: readonly Asked[],
): Promise<HealView[] | undefined> {
  const { signal, off } = untilInterrupted();
  const progress = healProgress(context.terminal);
  const stopped = new Promise<undefined>((resolve) =>
    signal.addEventListener("abort", () => resolve(undefined)),
  );
  try {
    for (const one of asked) if ("heal" in one) progress.add(one.target, one.heal);
    const outcomes = Promise.all(
      asked.map(async (one) => {
        const view = "view" in one ? one.view : await outcomeOf(one, client);
        progress.done(one.target);
        return view;
      }),
    );
    return await Promise.race([outcomes, stopped]);
  } finally {
    progress.end();
    off();
  }
}

async function outcomeOf(one: Asked & { heal: RequestedHeal }, client: FleetClient): Promise<HealView> {
  const { target, heal, since } = one;
  try {
    return healView(await Promise.race([heal.result(), client.lost]), heal.job);
  } catch (error) {
    const isAway =
      error instanceof UnreachableError || (error instanceof HealqError && error.code === "node-unreachable");
    const outcome = isAway ? "unreachable" : "failed";
    return healWithoutResult(target, {
      outcome,
      reason: messageOf(error),
      job: heal.job,
      durationMs: Date.now() - since,
    });
  }
}

function requested(one: Asked): HealView {
  if ("view" in one) return one.view;
  return healWithoutResult(one.target, {
    outcome: "requested",
    reason: "not waited for",
    job: one.heal.job,
    durationMs: 0,
  });
}

function interrupted({ terminal }: CommandContext, asked: readonly Asked[]): number {
  const names = asked.map((one) => one.target).join(" ");
  terminal.note(`healq: no longer waiting; the heal goes on. See how it ends: healq audit ${names}`);
  return interruptedCode;
}

/** One target is one object, several are a list. */
function print({ terminal, json }: CommandContext, views: readonly HealView[], options: HealOptions): void {
  if (json) {
    terminal.json(views.length === 1 && options.all !== true ? views[0] : views);
    return;
  }
  for (const view of views) {
    if (view.outcome === "requested") terminal.out(`${view.job ?? ""}\n`);
    else terminal.out(`${visible(healSentence(view))}\n`);
    for (const [index, step] of (view.plan ?? []).entries())
      terminal.out(`  ${index + 1}. ${visible(step)}\n`);
  }
  if (views.length > 1 && options.wait && options.dryRun !== true) terminal.out(`\n${healReport(views)}`);
}

function healCode(views: readonly HealView[]): number {
  if (views.some((view) => view.outcome === "unreachable")) return exitCodes.unreachable;
  return views.some((view) => view.outcome === "failed" || view.outcome === "skipped")
    ? exitCodes.bad
    : exitCodes.ok;
}
