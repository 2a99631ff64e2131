import { setTimeout as pause } from "node:timers/promises";
import type { Config } from "../model/config.ts";
import { UnreachableError } from "../model/errors.ts";
import type { LogPart, LogPlace } from "../model/fleet.ts";
import { mostLines } from "../queues/catalogue.ts";
import type { FleetClient } from "./client.ts";
import type { CommandContext } from "./context.ts";
import { placesOf, requireNodeFor, withFleet } from "./fleet-guards.ts";
import { untilInterrupted } from "./interrupt.ts";

/** How often a node is asked for what is new, in milliseconds. */
const every = 500;
/** Where a log begins that was not there when it was first asked for. */
const start: LogPlace = { offset: 0, file: "" };

interface Remote {
  readonly context: CommandContext;
  readonly config: Config;
  readonly name: string;
  readonly options: { readonly follow?: boolean; readonly lines: number };
  readonly write: (text: string) => void;
}

/** Writes the log of a process of another node, which that node reads: the last lines, and with `follow` what comes. */
export async function writeRemoteLogs(remote: Remote): Promise<void> {
  const { config, name } = remote;
  try {
    await withFleet(config, [name], async (client) => {
      await requireNodeFor(name, config, client.reader);
      await readAll(remote, client);
    });
  } catch (error) {
    const nodes = config.targets.get(name)?.nodes ?? [];
    if (!(error instanceof UnreachableError) || nodes === "any" || nodes.length === 0) throw error;
    const where = `its log lies on ${nodes.join(", ")}, in logs/${name}.log of the stateDir there`;
    throw new UnreachableError(`${error.message}; ${where}`, error);
  }
}

async function readAll(
  { context, config, name, options, write }: Remote,
  client: FleetClient,
): Promise<void> {
  const { terminal } = context;
  const { follow = false } = options;
  const lines = Math.min(options.lines, mostLines);
  const requests = await client.requests();
  const ask = (after?: LogPlace): Promise<LogPart> => {
    const request = { target: name, lines, follow, ...(after === undefined ? {} : { after }) };
    return Promise.race([requests.logs(request), client.lost]);
  };
  const first = await ask();
  const others = placesOf(name, config, await client.reader.targets()).filter((node) => node !== first.node);
  if (others.length > 0)
    terminal.note(`healq: this is from ${first.node}; ${name} is on ${others.join(", ")} too`);
  if (first.cut)
    terminal.note(`healq: only the newest part; run \`healq logs ${name}\` on ${first.node} for more`);
  if (first.next === undefined) terminal.note(`healq: ${name} has not written anything yet on ${first.node}`);
  write(first.text);
  if (follow) await followRemote(ask, first.next ?? start, write);
}

async function followRemote(
  ask: (after: LogPlace) => Promise<LogPart>,
  from: LogPlace,
  write: (text: string) => void,
): Promise<void> {
  const { signal, off } = untilInterrupted();
  const over = new Promise<undefined>((resolve) =>
    signal.addEventListener("abort", () => resolve(undefined)),
  );
  try {
    for (let place = from; ; ) {
      const part = await Promise.race([ask(place), over]);
      if (part === undefined) return;
      write(part.text);
      place = part.next ?? place;
      if (!part.more) await pause(every, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    off();
  }
}
