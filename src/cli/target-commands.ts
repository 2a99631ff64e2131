import type { Command } from "commander";
import type { Wish } from "../model/heal.ts";
import { countArgument, durationArgument } from "./arguments.ts";
import type { Run } from "./run.ts";

/** The commands that look at targets or act on them. Each is loaded when it runs. */
export function addTargetCommands(program: Command, run: Run): void {
  addCheck(program, run);
  addHeal(program, run);
  addWishes(program, run);
  addPauses(program, run);
  addLogs(program, run);
  addAttach(program, run);
  addPing(program, run);
}

function addCheck(program: Command, run: Run): void {
  program
    .command("check")
    .summary("look once and report; heals nothing")
    .description("Looks once and reports. Heals nothing, and needs neither Redis nor a running healq.")
    .argument("[target...]", "default: all targets of this node")
    .addHelpText("after", "\nExample:\n  healq check predictive_engine weights")
    .action((targets: string[], _options: object, command: Command) =>
      run(command, async (context) => (await import("./check.ts")).runCheck(context, targets)),
    );
}

function addHeal(program: Command, run: Run): void {
  program
    .command("heal")
    .summary("heal targets now, and wait for the outcome")
    .description(
      "Asks for a heal of each target and waits for the outcomes. One that is healthy is not touched.",
    )
    .argument("[target...]")
    .option("--all", "every target of the config")
    .option("--dry-run", "only print what would be done")
    .option("--no-wait", "print the job ids and return")
    .option(
      "--force",
      "also if it is healthy, past needs, budget and breaker; never past a pause, a stop or the mode",
    )
    .addHelpText(
      "after",
      "\nExample:\n  healq heal predictive_engine --dry-run\n  healq heal predictive_engine",
    )
    .action(
      (
        targets: string[],
        options: { all?: boolean; dryRun?: boolean; wait: boolean; force?: boolean },
        command: Command,
      ) => run(command, async (context) => (await import("./heal.ts")).runHeal(context, targets, options)),
    );
}

function addWishes(program: Command, run: Run): void {
  const wishes: readonly [Wish, string, string][] = [
    [
      "start",
      "start a process, and keep it running",
      "Starts a process that was stopped; healq keeps it running again.",
    ],
    [
      "stop",
      "stop a process, and keep it stopped",
      "Stops a process. It stays stopped until `healq start`, over restarts of healq and of the host.",
    ],
    ["restart", "restart a process now", "Stops a process and starts it again. Spends no budget."],
  ];
  for (const [wish, summary, description] of wishes) {
    program
      .command(wish)
      .summary(summary)
      .description(description)
      .argument("<target>")
      .addHelpText("after", `\nExample:\n  healq ${wish} predictive_engine`)
      .action((target: string, _options: object, command: Command) =>
        run(command, async (context) => (await import("./wish.ts")).runWish(context, target, wish)),
      );
  }
}

function addPauses(program: Command, run: Run): void {
  program
    .command("pause")
    .summary("heal nothing for a while: these targets, or everything")
    .description(
      "Silences targets; without one, everything: the kill switch. Looks go on, nothing is healed. Works while Redis is away.",
    )
    .argument("[target...]")
    .option("--for <DURATION>", "ends by itself after this; default: until `healq resume`", durationArgument)
    .option("--reason <TEXT>", "why, for the record")
    .addHelpText("after", '\nExample:\n  healq pause --for 1h --reason "database upgrade"')
    .action((targets: string[], options: { for?: number; reason?: string }, command: Command) =>
      run(command, async (context) => (await import("./pause.ts")).runPause(context, targets, options)),
    );
  program
    .command("resume")
    .summary("heal again")
    .description(
      "Ends the silence of targets; without one, turns the kill switch off. Works while Redis is away.",
    )
    .argument("[target...]")
    .addHelpText("after", "\nExample:\n  healq resume")
    .action((targets: string[], _options: object, command: Command) =>
      run(command, async (context) => (await import("./pause.ts")).runResume(context, targets)),
    );
}

function addLogs(program: Command, run: Run): void {
  program
    .command("logs")
    .summary("what a process wrote")
    .description(
      "Prints the last lines that a process wrote, on whatever node it runs. Terminal sequences in it are shown, not obeyed.",
    )
    .argument("<target>")
    .option("--follow", "go on as it grows, through rotations, until Ctrl-C")
    .option("--lines <N>", "how many of the last lines", countArgument, 50)
    .addHelpText("after", "\nExample:\n  healq logs predictive_engine --follow")
    .action((target: string, options: { follow?: boolean; lines: number }, command: Command) =>
      run(command, async (context) => (await import("./logs.ts")).runLogs(context, target, options)),
    );
}

function addAttach(program: Command, run: Run): void {
  program
    .command("attach")
    .summary("see a process that runs in tmux, and type to it")
    .description(
      "Shows the window of a process with `console: tmux` on this node. C-b d leaves it running; C-c goes to the process.",
    )
    .argument("<target>")
    .option("--read-only", "only look: nothing typed reaches the process")
    .addHelpText("after", "\nExample:\n  healq attach predictive_engine --read-only")
    .action((target: string, options: { readOnly?: boolean }, command: Command) =>
      run(command, async (context) => (await import("./attach.ts")).runAttach(context, target, options)),
    );
}

function addPing(program: Command, run: Run): void {
  program
    .command("ping")
    .summary("call in for a heartbeat target, or show where to")
    .description(
      "Says that the program of a heartbeat target lives, as a POST to its address does. With --url it prints that address, with its key.",
    )
    .argument("<target>")
    .option("--url", "only print the address that programs call")
    .addHelpText("after", '\nExample:\n  healq ping backup\n  curl -fsS -X POST "$(healq ping backup --url)"')
    .action((target: string, options: { url?: boolean }, command: Command) =>
      run(command, async (context) => (await import("./ping.ts")).runPing(context, target, options)),
    );
}
