import { copyFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Act, Scenario, Stage } from "./scenario.ts";

/** What the broken version of `signals` writes to its log at each start, once. */
export const brokenVersion = "signals: this version cannot start";

/** What goes wrong in the demo, in this order. */
export const scenarios: readonly Scenario[] = [
  {
    name: "a worker is killed",
    patients: ["signals"],
    expect: { end: "healed", symptom: "process.dead", cure: "restart" },
    break: ({ kill }) => ({ said: kill("signals", "SIGKILL") }),
  },
  {
    name: "a page answers 500",
    patients: ["quotes-page"],
    expect: { end: "healed", symptom: "http.status", cure: "target", through: "quotes" },
    break: ({ urls }) => post(`${urls.quotes}orders`, "no JSON"),
  },
  {
    name: "a worker is frozen",
    patients: ["averages"],
    expect: { end: "healed", symptom: "process.hung", cure: "restart" },
    break: ({ kill }) => ({ said: kill("averages", "SIGSTOP") }),
  },
  {
    name: "a file is deleted",
    patients: ["settings"],
    expect: { end: "healed", symptom: "file.missing", cure: "create" },
    break: ({ world }) => {
      rmSync(world.path("settings.json"));
      return { said: "rm settings.json" };
    },
  },
  {
    name: "an output goes stale",
    patients: ["quotes"],
    expect: { end: "healed", symptom: "process.hung", cure: "restart" },
    break: ({ urls }) => post(`${urls.quotes}maintenance`, ""),
  },
  {
    name: "two at once",
    patients: ["report", "quotes"],
    expect: { end: "healed", symptom: "process.dead", cure: "restart" },
    break: ({ kill }) => ({ said: `${kill("report", "SIGKILL")}, ${kill("quotes", "SIGKILL")}` }),
  },
  {
    name: "a crash loop",
    patients: ["signals"],
    expect: { end: "gave-up", symptom: "process.dead", cure: "restart", applications: 3 },
    break: ({ world, kill }) => {
      const worker = world.path("workers/signals.mjs");
      copyFileSync(worker, `${worker}.good`);
      writeFileSync(worker, `console.error("${brokenVersion}");\nprocess.exit(1);\n`);
      return { said: `a broken version is deployed, ${kill("signals", "SIGKILL")}` };
    },
  },
  {
    name: "its need is dead",
    patients: ["averages"],
    expect: { end: "held back", needs: "signals" },
    goesOn: true,
    break: ({ kill }) => ({ said: `${kill("averages", "SIGKILL")}, while signals is dead` }),
  },
  {
    name: "the need is mended",
    patients: ["signals", "averages"],
    expect: { end: "healed", cure: "restart", inOrder: true },
    goesOn: true,
    break: ({ world, healq }) => {
      const worker = world.path("workers/signals.mjs");
      renameSync(`${worker}.good`, worker);
      return { said: "the good version is back, healq heal signals --force", alongside: force(healq) };
    },
  },
];

async function post(url: string, body: string): Promise<Act> {
  const { ok, status } = await fetch(url, { method: "POST", body });
  if (!ok) throw new Error(`POST ${url} was answered ${status}`);
  return { said: `POST ${new URL(url).pathname}${body === "" ? "" : ` "${body}"`}` };
}

async function force(healq: Stage["healq"]): Promise<void> {
  const { code, stderr } = await healq.run("heal", "signals", "--force");
  if (code !== 0) throw new Error(`healq heal signals --force exited with ${code}: ${stderr.trim()}`);
}
