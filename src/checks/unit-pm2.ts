import { statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import * as z from "zod";
import { plain } from "../lib/plain.ts";
import { managerCommand, type Unit } from "../system/unit.ts";
import { askManager, failedWith } from "./ask-manager.ts";
import { noSuchUnit, type UnitReport } from "./unit-report.ts";

type Pm2Unit = Extract<Unit, { manager: "pm2" }>;

/** Only what is looked at. The rest is the whole environment of the app, and goes no further. */
const appSchema = z.object({
  name: z.string(),
  pid: z.number().nullish(),
  pm_id: z.number(),
  pm2_env: z.object({
    status: z.string(),
    autorestart: z.boolean().default(true),
    exit_code: z.number().nullish(),
    restart_time: z.number().nullish(),
    pm_uptime: z.number().nullish(),
  }),
});

type App = z.output<typeof appSchema>;

/** How long pm2's socket may take to take a connection, in milliseconds. */
const connectWithin = 1_000;

/** Asks pm2 for all its apps by one call. */
export async function reportPm2(unit: Pm2Unit, signal: AbortSignal): Promise<(name: string) => UnitReport> {
  const unclear = (why: string) => (): UnitReport => ({ is: "unclear", why });
  const refusal = foreignHome(unit) ?? (await whyAway(unit.home));
  if (refusal !== undefined) return unclear(refusal);
  const told = await askManager(managerCommand(unit, ["jlist"]), signal);
  if ("problem" in told) return unclear(told.problem);
  const apps = parseApps(told.said);
  if (apps === undefined) return unclear(failedWith("pm2 jlist", told));
  return (name) => {
    const own = apps.filter((app) => app.name === name);
    return own.length === 0 ? noSuchUnit(`pm2 has no app ${name}`) : reportOf(own, name);
  };
}

/** The client writes into that folder: root would follow another user's links there. */
function foreignHome({ home, user }: Pm2Unit): string | undefined {
  if (process.geteuid?.() !== 0 || user !== undefined) return undefined;
  const owner = statSync(home, { throwIfNoEntry: false })?.uid;
  if (owner === undefined || owner === 0) return undefined;
  return `as root healq does not use the pm2 of uid ${owner} at ${home}; say whose it is with user:`;
}

/** Why nobody can be asked. Every command of pm2 starts its daemon when there is none, and a look must not. */
async function whyAway(home: string): Promise<string | undefined> {
  const path = join(home, "rpc.sock");
  const fault = await new Promise<string | undefined>((resolve) => {
    const socket = connect(path);
    const end = (why: string | undefined) => {
      socket.destroy();
      resolve(why);
    };
    socket.setTimeout(connectWithin, () => end("it does not answer"));
    socket.once("connect", () => end(undefined));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
  if (fault === undefined) return undefined;
  return `no pm2 runs at ${home} (${fault}); \`pm2 resurrect\` brings back what \`pm2 save\` saved`;
}

/** What stands before the list is for people: "In-memory PM2 is out-of-date". */
function parseApps(said: string): App[] | undefined {
  for (const line of said.split("\n")) {
    if (!line.startsWith("[")) continue;
    try {
      const result = z.array(appSchema).safeParse(JSON.parse(line));
      if (result.success) return result.data;
    } catch {
      // Not the list.
    }
  }
  return undefined;
}

/** Several apps of one name (a cluster) are one target: the first that is not well speaks for all. */
function reportOf(apps: readonly App[], name: string): UnitReport {
  const ended = apps.find(({ pm2_env: { status } }) => status === "stopped" || status === "errored");
  if (ended !== undefined) return down(ended, name, apps);
  const changing = apps.find(({ pm2_env: { status } }) => status !== "online");
  const [first] = apps;
  if (changing === undefined && first !== undefined) {
    const since = first.pm2_env.pm_uptime;
    const pid = first.pid ?? 0;
    return {
      is: "up",
      ...(pid > 0 ? { pid } : {}),
      ...(since === null || since === undefined ? {} : { since }),
      others: apps.length - 1,
    };
  }
  const { status = "gone", restart_time: restarts } = changing?.pm2_env ?? {};
  if (!["launching", "stopping", "waiting restart"].includes(status))
    return { is: "unclear", why: `pm2 says that ${name} is ${plain(status)}` };
  const why = `${name} is ${status}, ${restarts ?? 0} times restarted by pm2`;
  return { is: "changing", why, to: status === "stopping" ? "down" : "up" };
}

function down(app: App, name: string, all: readonly App[]): UnitReport {
  const { status, autorestart, exit_code: code, restart_time: restarts } = app.pm2_env;
  const exit = code === null || code === undefined || code === 0 ? undefined : code;
  const which = all.length === 1 ? name : `${name} (id ${app.pm_id} of ${all.length})`;
  const gaveUp = status === "errored" ? `, pm2 gave up after ${restarts ?? 0} restarts` : "";
  return {
    is: "down",
    // pm2 keeps 0 for a signal too, so that says nothing.
    message: `${which} is ${status}: ${exit === undefined ? "exit unknown" : `exited with code ${exit}`}${gaveUp}`,
    state: "crashed",
    ...(exit === undefined ? { success: false } : { exitCode: exit }),
    stopped: status === "stopped" && autorestart,
    evidence: { app: name, appStatus: status, exitCode: exit ?? null, signal: null, restarts: restarts ?? 0 },
  };
}
