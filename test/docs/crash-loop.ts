import { builtIn } from "../../src/config/settings.ts";
import { formatDuration } from "../../src/lib/duration.ts";
import type { Transition } from "../../src/policy/transition.ts";
import { Actor } from "../policy/actor.ts";
import { fault, start, targetWith } from "../policy/fixtures.ts";

/** A worker whose phases and reasons are written down, as the rows of a table. */
class Recorded extends Actor {
  readonly rows: string[] = [];

  override take(change: Transition): void {
    const before = this.state;
    const seen = this.applications.length;
    super.take(change);
    const { phase, reason, lastApplication } = this.state;
    if (phase === before.phase && reason === before.reason && lastApplication === before.lastApplication)
      return;
    const applied = lastApplication !== before.lastApplication ? seen + 1 : "";
    const time = new Date(this.now).toISOString().slice(11, 19);
    this.rows.push(
      `| ${time} | ${this.now === start ? "0 s" : formatDuration(this.now - start)} | ${applied} | \`${phase}\` | ${reason} |`,
    );
  }
}

const exit = fault("process.dead", { fact: true, message: "dead: exited with code 1" });

/**
 * The life of a worker that dies at once or `worksFor` milliseconds after each start, as a Markdown table: by the defaults of the
 * config, without jitter, looked at once a second, each application taking a second to be verified or not.
 */
export function crashLoop(kind: { worksFor: number; until: number }): string {
  const worker = new Recorded(
    targetWith({ ...builtIn.policy, backoff: { ...builtIn.policy.backoff, jitter: 0 } }),
  );
  worker.ok();
  worker.rows.length = 0;
  while (worker.now < start + kind.until) {
    const decision = worker.bad(exit);
    if (decision.verdict === "heal") worker.heal(decision, { works: kind.worksFor > 0 });
    worker.pass(Math.max(1_000, decision.verdict === "heal" ? kind.worksFor : 0));
  }
  const head = "| clock | after | application | phase | reason |\n| --- | --- | --- | --- | --- |";
  return `${head}\n${worker.rows.join("\n")}\n`;
}
