import { formatDuration } from "../lib/duration.ts";
import type { Config } from "../model/config.ts";
import { exitCodes, UnreachableError } from "../model/errors.ts";
import { prepareStateDir } from "../system/state-dir.ts";
import { openWishes } from "../system/wishes.ts";
import { withClient } from "./client.ts";
import type { CommandContext } from "./context.ts";
import { configOf } from "./load-config.ts";
import { requireKnown } from "./targets.ts";
import { whoAsks } from "./user.ts";

/** `healq pause`: silences targets, or everything. `for` in milliseconds. */
export async function runPause(
  context: CommandContext,
  names: readonly string[],
  options: { for?: number; reason?: string },
): Promise<number> {
  const config = await configOf(context);
  const by = whoAsks();
  const at = Date.now();
  const until = options.for === undefined ? undefined : at + options.for;
  const request = {
    reason: options.reason ?? "no reason given",
    by,
    ...(until === undefined ? {} : { until }),
  };
  const source = await wherever(config, {
    fleet: async (requests) => (await requests()).pause({ ...request, targets: names }),
    here: () => {
      for (const target of scopes(names))
        openWishes(config.stateDir).pauseLocally({ ...request, at, ...about(target) });
    },
    names,
  });
  const until_ = until === undefined ? null : new Date(until).toISOString();
  const ends = options.for === undefined ? "until `healq resume`" : `for ${formatDuration(options.for)}`;
  say(context, source, { paused: true, targets: names, until: until_ }, `paused ${whatOf(names)} ${ends}`);
  return exitCodes.ok;
}

/** `healq resume`: ends silences, or turns the kill switch off. */
export async function runResume(context: CommandContext, names: readonly string[]): Promise<number> {
  const config = await configOf(context);
  const source = await wherever(config, {
    fleet: async (requests) => (await requests()).resume({ targets: names, by: whoAsks() }),
    here: () => {
      for (const target of scopes(names)) openWishes(config.stateDir).resumeLocally(target);
    },
    names,
  });
  say(context, source, { paused: false, targets: names }, `resumed ${whatOf(names)}`);
  return exitCodes.ok;
}

type Source = "redis" | "wishes.json";

/** Tells the fleet; while Redis is away, tells this node by its local file, which its supervisor reads before each cure. */
async function wherever(
  config: Config,
  ways: {
    fleet(requests: Parameters<Parameters<typeof withClient<void>>[1]>[0]["requests"]): Promise<void>;
    here(): void;
    names: readonly string[];
  },
): Promise<Source> {
  try {
    await withClient(config, async (client) => {
      requireKnown(ways.names, config, ways.names.length === 0 ? [] : await client.reader.targets());
      await ways.fleet(client.requests);
    });
    return "redis";
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    requireKnown(ways.names, config, []);
    prepareStateDir(config.stateDir);
    ways.here();
    return "wishes.json";
  }
}

/** Without names it is the kill switch. */
function scopes(names: readonly string[]): readonly (string | undefined)[] {
  return names.length === 0 ? [undefined] : names;
}

function about(target: string | undefined): { target?: string } {
  return target === undefined ? {} : { target };
}

function whatOf(names: readonly string[]): string {
  return names.length === 0 ? "everything" : names.join(", ");
}

function say({ terminal, json }: CommandContext, source: Source, document: object, sentence: string): void {
  if (source === "wishes.json") {
    terminal.note(
      "healq: Redis cannot be reached, so this was said to this node alone, in wishes.json; the fleet hears it when Redis is back",
    );
  }
  if (json) terminal.json({ ...document, source });
  else terminal.out(`${sentence}\n`);
}
