import type { Command } from "commander";
import { countArgument, sinceArgument } from "./arguments.ts";
import type { Run } from "./run.ts";

/** The commands that read what is known of the fleet. Each is loaded when it runs. */
export function addRecordCommands(program: Command, run: Run): void {
  addStatus(program, run);
  addAudit(program, run);
  addIncidents(program, run);
  addReport(program, run);
  addFleet(program, run);
}

function addStatus(program: Command, run: Run): void {
  program
    .command("status")
    .summary("how every target is, since when, and why")
    .description(
      "How every target is, what healq does about it, since when, and why. Reads status.json while Redis is away, and says so.",
    )
    .argument("[target...]")
    .option("--watch", "again every second; without a terminal, print what changes")
    .addHelpText("after", "\nExample:\n  healq status --watch")
    .action((targets: string[], options: { watch?: boolean }, command: Command) =>
      run(command, async (context) => (await import("./status.ts")).runStatus(context, targets, options)),
    );
}

function addAudit(program: Command, run: Run): void {
  program
    .command("audit")
    .summary("what healq did, and why")
    .description(
      "The record of every decision that changed something, and why, oldest first. With --json one object a line.",
    )
    .argument("[target...]")
    .option(
      "--since <WHEN>",
      "only what happened since: 1h ago, or a date (2026-11-22T01:00:00Z)",
      sinceArgument,
    )
    .option("--limit <N>", "at most so many of the newest entries", countArgument, 50)
    .option("--follow", "go on with new entries until Ctrl-C")
    .addHelpText("after", "\nExample:\n  healq audit predictive_engine --since 1h")
    .action(
      (targets: string[], options: { since?: number; limit: number; follow?: boolean }, command: Command) =>
        run(command, async (context) => (await import("./audit.ts")).runAudit(context, targets, options)),
    );
}

function addIncidents(program: Command, run: Run): void {
  program
    .command("incidents")
    .summary("all incidents")
    .description("All incidents that are kept, oldest first.")
    .option("--open", "only those that are not resolved")
    .addHelpText("after", "\nExample:\n  healq incidents --open")
    .action((options: { open?: boolean }, command: Command) =>
      run(command, async (context) => (await import("./incidents.ts")).runIncidents(context, options)),
    );
  program
    .command("incident")
    .summary("one incident's timeline")
    .description("One incident with everything that happened in it, oldest first.")
    .argument("<id>", "as `healq incidents` prints it")
    .addHelpText(
      "after",
      "\nExample:\n  healq incident $(healq incidents --json | jq -r '.incidents[-1].id')",
    )
    .action((id: string, _options: object, command: Command) =>
      run(command, async (context) => (await import("./incidents.ts")).runIncident(context, id)),
    );
}

function addReport(program: Command, run: Run): void {
  program
    .command("report")
    .summary("what was fixed, what needs a person")
    .description(
      "What healq has fixed since, what it could not and a person must, and what else is not well. Exits with 1 when a person is needed.",
    )
    .option(
      "--since <WHEN>",
      "since when: 1h ago, or a date (2026-11-22T01:00:00Z); default: 12h",
      sinceArgument,
    )
    .addHelpText("after", "\nExample:\n  healq report --since 8h")
    .action((options: { since?: number }, command: Command) =>
      run(command, async (context) => (await import("./report.ts")).runReport(context, options)),
    );
}

function addFleet(program: Command, run: Run): void {
  program
    .command("nodes")
    .summary("the fleet")
    .description("The nodes of the fleet: which are alive, and how many targets each has.")
    .addHelpText("after", "\nExample:\n  healq nodes")
    .action((_options: object, command: Command) =>
      run(command, async (context) => (await import("./nodes.ts")).runNodes(context)),
    );
  program
    .command("map")
    .summary("who needs whom, and who produces what")
    .description("Who needs whom, and who produces what, by the config alone. Needs no Redis.")
    .option("--mermaid", "as a Mermaid flowchart, for Markdown")
    .addHelpText("after", "\nExample:\n  healq map\n  healq map --mermaid > map.mmd")
    .action((options: { mermaid?: boolean }, command: Command) =>
      run(command, async (context) => (await import("./map.ts")).runMap(context, options)),
    );
}
