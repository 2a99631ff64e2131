import { formatDuration } from "../lib/duration.ts";
import type { Config } from "../model/config.ts";
import { exitCodes, HealqError, UnreachableError } from "../model/errors.ts";
import { prepareStateDir } from "../system/state-dir.ts";
import { openWishes } from "../system/wishes.ts";
import { silencesOf } from "../views/silences.ts";
import { type FleetClient, withClient } from "./client.ts";
import { configAtHand } from "./config-at-hand.ts";
import type { CommandContext } from "./context.ts";
import { requireKnown } from "./targets.ts";
import { whoAsks } from "./user.ts";

/** `healq pause`: silences targets, or everything. `for` in milliseconds. */
export async function runPause(
  context: CommandContext,
  names: readonly string[],
  options: { for?: number; reason?: string },
): Promise<number> {
  const { config } = await configAtHand(context);
  const by = whoAsks();
  const at = Date.now();
  const until = options.for === undefined ? undefined : at + options.for;
  const request = {
    reason: options.reason ?? "",
    by,
    ...(until === undefined ? {} : { until }),
  };
  const told = await wherever(config, {
    fleet: async ({ requests }) => (await requests()).pause({ ...request, targets: names }),
    here: () => {
      for (const target of scopes(names))
        openWishes(config.stateDir).pauseLocally({ ...request, at, ...about(target) });
    },
    names,
  });
  const until_ = until === undefined ? null : new Date(until).toISOString();
  const ends = options.for === undefined ? "until `healq resume`" : `for ${formatDuration(options.for)}`;
  say(context, told, { paused: true, targets: names, until: until_ }, `paused ${whatOf(names)} ${ends}`);
  return exitCodes.ok;
}

/** `healq resume`: ends silences, or turns the kill switch off. */
export async function runResume(context: CommandContext, names: readonly string[]): Promise<number> {
  const { config } = await configAtHand(context);
  let left: readonly string[] = [];
  const told = await wherever(config, {
    fleet: async ({ requests, reader }) => {
      await (await requests()).resume({ targets: names, by: whoAsks() });
      // The kill switch and silences are ended each by themselves; who resumes everything may have forgotten one.
      if (names.length === 0)
        left = silencesOf(await reader.pauses(), Date.now()).map(({ target }) => target);
    },
    here: () => {
      for (const target of scopes(names)) openWishes(config.stateDir).resumeLocally(target);
    },
    names,
  });
  const still = `; still silenced: ${left.join(", ")} (\`healq resume ${left.join(" ")}\`)`;
  const document = { paused: false, targets: names, ...(left.length > 0 ? { silenced: left } : {}) };
  say(context, told, document, `resumed ${whatOf(names)}${left.length > 0 ? still : ""}`);
  return exitCodes.ok;
}

/** Who was told; `why` it was this node alone. */
type Told = { readonly source: "redis" } | { readonly source: "wishes.json"; readonly why: string };

/** Tells the fleet; while Redis is away, tells this node by its local file, which its supervisor reads before each cure. */
async function wherever(
  config: Config,
  ways: {
    fleet(client: FleetClient): Promise<void>;
    here(): void;
    names: readonly string[];
  },
): Promise<Told> {
  try {
    await withClient(config, async (client) => {
      requireKnown(ways.names, config, ways.names.length === 0 ? [] : await client.reader.targets());
      await ways.fleet(client);
    });
    return { source: "redis" };
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    requireKnown(ways.names, config, []);
    prepareStateDir(config.stateDir);
    try {
      ways.here();
    } catch (cause) {
      if (!(cause instanceof HealqError && cause.code === "no-room")) throw cause;
      const hint = "nothing was paused or resumed; `healq down` ends all healing here";
      throw new HealqError(cause.code, `${cause.message}; ${hint}`, { cause });
    }
    return { source: "wishes.json", why: error.message };
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

function say({ terminal, json }: CommandContext, told: Told, document: object, sentence: string): void {
  if (told.source === "wishes.json") {
    terminal.note(`healq: ${told.why}`);
    terminal.note(
      "healq: so this was said to this node alone, in wishes.json; the fleet hears it when Redis is well",
    );
  }
  if (json) terminal.json({ ...document, source: told.source });
  else terminal.out(`${sentence}\n`);
}
